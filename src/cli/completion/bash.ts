/**
 * The script for bash, 3.2 and later; it needs no other package.
 *
 * Bash splits words at `=`: the line is split at spaces instead, and what stands before the last `=` is taken off
 * what is offered.
 */
import type { CompletionWords } from "./words.ts";

/** What `eval` or `source` takes. */
export function bashScript({ commands, actions }: CompletionWords): string {
  return `# completion of ocpp for bash: source <(ocpp completion bash)
_ocpp_options() {
  case "$1" in
${cases(commands.map(({ word, options }) => [word, options.flatMap(({ flags }) => flags)]))}
  esac
}
# What may follow an option: words, or * for anything.
_ocpp_values() {
  case "$1 $2" in
${
    commands.flatMap(({ word, options }) =>
      options.filter(({ takesValue }) => takesValue).map(({ flags, choices }) =>
        line(
          flags.map((flag) => `"${word} ${flag}"`).join("|"),
          choices.length === 0 ? ["*"] : choices,
        )
      )
    ).join("\n")
  }
  esac
}
_ocpp_operands() {
  case "$1" in
    "") ${echo(commands.map(({ word }) => word))} ;;
${cases(commands.map(({ word, operands }) => [word, operands.map((one) => one.word)]))}
  esac
}
_ocpp_pairs() {
  case "$1" in
${cases(actions.map(({ word, pairs }) => [word, pairs]))}
  esac
}
_ocpp() {
  local line="\${COMP_LINE:0:COMP_POINT}" word value i
  local -a words operands
  IFS=$' \\t\\n' read -ra words <<< "$line"
  case "$line" in *[[:space:]]) words+=("") ;; esac
  local last=$((\${#words[@]} - 1))
  local cur="\${words[last]}" command="" previous=""
  for ((i = 1; i < last; i++)); do
    word="\${words[i]}"
    if [ -n "$previous" ]; then previous=""; continue; fi
    case "$word" in
      -*) [ -n "$(_ocpp_values "$command" "$word")" ] && previous="$word" ;;
      *) if [ -z "$command" ]; then command="$word"; else operands+=("$word"); fi ;;
    esac
  done
  COMPREPLY=()
  if [ -n "$previous" ]; then
    value="$(_ocpp_values "$command" "$previous")"
    if [ "$value" = "*" ]; then COMPREPLY=($(compgen -f -- "$cur")); else COMPREPLY=($(compgen -W "$value" -- "$cur")); fi
    return
  fi
  case "$cur" in -*)
    COMPREPLY=($(compgen -W "$(_ocpp_options "$command")" -- "$cur"))
    return ;;
  esac
  if [ "$command" = call ]; then
    case "\${#operands[@]}" in
      0) return ;;
      1) COMPREPLY=($(compgen -W "${actions.map(({ word }) => word).join(" ")}" -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$(_ocpp_pairs "\${operands[1]}")" -- "$cur")) ;;
    esac
  elif [ "\${#operands[@]}" -eq 0 ]; then
    COMPREPLY=($(compgen -W "$(_ocpp_operands "$command")" -- "$cur"))
  fi
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
  case "$COMP_WORDBREAKS" in *=*)
    case "$cur" in *=*) for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]="\${COMPREPLY[i]#"\${cur%=*}="}"; done ;; esac ;;
  esac
}
complete -F _ocpp ocpp
`;
}

function cases(rows: readonly (readonly [name: string, words: readonly string[]])[]): string {
  return rows.filter(([, words]) => words.length > 0).map(([name, words]) => line(name, words)).join("\n");
}

function line(pattern: string, words: readonly string[]): string {
  return `    ${pattern}) ${echo(words)} ;;`;
}

/** The words come from the program: none holds a quote. */
function echo(words: readonly string[]): string {
  return `echo '${words.join(" ")}'`;
}
