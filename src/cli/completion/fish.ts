/**
 * The completion script for fish, a rule for each word.
 */
import type { CompletionWords } from "./words.ts";

/** What a file `ocpp.fish` in the folder of completions holds. */
export function fishScript({ commands, actions }: CompletionWords): string {
  const taking = commands.flatMap(({ options }) =>
    options.filter(({ takesValue }) => takesValue).flatMap(({ flags }) => flags)
  );
  const lines = commands.flatMap(({ word, about, options, operands }) => [
    rule("__ocpp_at 0", `-a ${quoted(word)} -d ${quoted(about)}`),
    ...operands.map((one) => rule(`__ocpp_at 1 ${word}`, `-a ${quoted(one.word)} -d ${quoted(one.about)}`)),
    ...options.map(({ flags, about, takesValue, choices }) => {
      const names = flags.map((flag) =>
        flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`
      );
      const value = takesValue ? (choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r -F") : "";
      return rule(`__ocpp_in ${word}`, `${names.join(" ")}${value} -d ${quoted(about)}`);
    }),
  ]);
  const calls = actions.flatMap(({ word, about, pairs }) => [
    rule("__ocpp_at 2 call", `-a ${quoted(word)} -d ${quoted(about)}`),
    ...(pairs.length === 0 ? [] : [rule(`__ocpp_action ${word}`, `-a ${quoted(pairs.join(" "))}`)]),
  ]);
  return `# completion of ocpp for fish: ocpp completion fish > ~/.config/fish/completions/ocpp.fish
function __ocpp_operands
    set -l takes ${[...new Set(taking)].join(" ")}
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            contains -- $word $takes; and set skip 1
        else
            echo $word
        end
    end
end
function __ocpp_at -d 'so many operands stand already, the first of which is this command'
    set -l words (__ocpp_operands)
    test (count $words) -eq $argv[1]; and begin
        test (count $argv) -eq 1; or test "$words[1]" = $argv[2]
    end
end
function __ocpp_in
    set -l words (__ocpp_operands)
    test "$words[1]" = $argv[1]
end
function __ocpp_action
    set -l words (__ocpp_operands)
    test "$words[1]" = call; and test (count $words) -ge 3; and test "$words[3]" = $argv[1]
end
complete -c ocpp -f
${[...lines, ...calls].join("\n")}
`;
}

function rule(condition: string, rest: string): string {
  return `complete -c ocpp -n ${quoted(condition)} ${rest}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
