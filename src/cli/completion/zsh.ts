/**
 * The script for zsh, with what each word is for.
 */
import type { CompletionWords, Word } from "./words.ts";

/** What a file `_ocpp` in `$fpath` holds, or what `source` takes. */
export function zshScript({ commands, actions }: CompletionWords): string {
  const values = commands.flatMap(({ word, options }) =>
    options.filter(({ takesValue }) => takesValue).map(({ flags, choices }) =>
      `    ${flags.map((flag) => `'${word} ${flag}'`).join("|")}) ${
        choices.length === 0 ? "value=('*')" : `value=(${choices.map(quoted).join(" ")})`
      } ;;`
    )
  );
  return `#compdef ocpp
# completion of ocpp for zsh: source <(ocpp completion zsh), after compinit
_ocpp() {
  local command='' previous='' word
  local -a operands value items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $previous ]]; then previous=''; continue; fi
    if [[ $word == -* ]]; then
      _ocpp_value $command $word
      (( $#value )) && previous=$word
    elif [[ -z $command ]]; then command=$word
    else operands+=($word)
    fi
  done
  if [[ -n $previous ]]; then
    _ocpp_value $command $previous
    if [[ $value[1] == '*' ]]; then _files; else compadd -a value; fi
    return
  fi
  items=()
  if [[ $words[CURRENT] == -* ]]; then
    case $command in
${
    commands.map(({ word, options }) =>
      described(word, options.flatMap(({ flags, about }) => flags.map((flag) => ({ word: flag, about }))))
    ).join("\n")
  }
    esac
    _describe option items
    return
  fi
  if [[ $command == call ]]; then
    case $#operands in
      0) _message 'identity of the Charge Point' ;;
      1) items=(${actions.map(item).join(" ")}); _describe Action items ;;
      *) case $operands[2] in
${actions.map(({ word, pairs }) => `        ${word}) items=(${pairs.map(quoted).join(" ")}) ;;`).join("\n")}
      esac
      compadd -S '' -a items ;;
    esac
  elif (( ! $#operands )); then
    case $command in
${described("''", commands)}
${
    commands.filter(({ operands }) => operands.length > 0).map(({ word, operands }) =>
      described(word, operands)
    ).join("\n")
  }
    esac
    (( $#items )) && _describe word items
  fi
}
_ocpp_value() {
  value=()
  case "$1 $2" in
${values.join("\n")}
  esac
}
if [[ $funcstack[1] == _ocpp ]]; then _ocpp "$@"; else compdef _ocpp ocpp; fi
`;
}

function described(name: string, words: readonly Word[]): string {
  return `      ${name}) items=(${words.map(item).join(" ")}) ;;`;
}

function item({ word, about }: Word): string {
  return quoted(about === "" ? word : `${word}:${about.replaceAll("\\", "\\\\").replaceAll(":", "\\:")}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
