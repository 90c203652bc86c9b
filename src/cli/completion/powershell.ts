/**
 * The completion script for PowerShell, whose data are tables.
 */
import type { CompletionWords, Word } from "./words.ts";

/** What a profile holds. */
export function powershellScript({ commands, actions }: CompletionWords): string {
  const options = commands.map(({ word, options }) =>
    `    ${quoted(word)} = ${
      table(options.flatMap(({ flags, about }) => flags.map((flag) => ({ word: flag, about }))))
    }`
  );
  const values = commands.flatMap(({ word, options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ flags, choices }) =>
      flags.map((flag) => `    ${quoted(`${word} ${flag}`)} = ${list(choices)}`)
    )
  );
  const operands = commands.filter(({ operands }) => operands.length > 0).map(({ word, operands }) =>
    `    ${quoted(word)} = ${table(operands)}`
  );
  const pairs = actions.map(({ word, pairs }) => `    ${quoted(word)} = ${list(pairs)}`);
  return `# completion of ocpp for PowerShell: ocpp completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ocpp -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = ${table(commands)}
  $options = @{
${options.join("\n")}
  }
  $values = @{
${values.join("\n")}
  }
  $firstOperands = @{
${operands.join("\n")}
  }
  $actions = ${table(actions)}
  $pairs = @{
${pairs.join("\n")}
  }
  $command = ''; $previous = ''; $operands = @()
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  foreach ($word in $before) {
    if ($previous) { $previous = '' }
    elseif ($word.StartsWith('-')) { if ($values.ContainsKey("$command $word")) { $previous = $word } }
    elseif (-not $command) { $command = $word }
    else { $operands += $word }
  }
  $found = [ordered]@{}
  if ($previous) { foreach ($one in $values["$command $previous"]) { $found[$one] = '' } }
  elseif ("$wordToComplete".StartsWith('-')) { if ($options.ContainsKey($command)) { $found = $options[$command] } }
  elseif (-not $command) { $found = $commands }
  elseif ($command -eq 'call') {
    if ($operands.Count -eq 1) { $found = $actions }
    elseif ($operands.Count -gt 1) { foreach ($one in $pairs[$operands[1]]) { $found[$one] = '' } }
  }
  elseif ($operands.Count -eq 0 -and $firstOperands.ContainsKey($command)) { $found = $firstOperands[$command] }
  $found.GetEnumerator() | Where-Object { $_.Key -like "$wordToComplete*" } | ForEach-Object {
    $about = if ($_.Value) { $_.Value } else { $_.Key }
    [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterValue', $about)
  }
}
`;
}

function table(words: readonly Word[]): string {
  return `[ordered]@{ ${words.map(({ word, about }) => `${quoted(word)} = ${quoted(about)}`).join("; ")} }`;
}

function list(words: readonly string[]): string {
  return `@(${words.map(quoted).join(", ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
