/**
 * Names of files that come from outside: shown, and given to whoever downloads; never a path.
 */

/** The longest name that is kept, in characters. */
export const FILE_NAME_MAX = 120;

/** Control characters, and those that turn the direction of writing around or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What is left of a name when all that could harm is gone; `undefined` where nothing is. */
export function fileNameOf(text: string | undefined): string | undefined {
  const last = (text ?? "").toWellFormed().split(/[\\/]/).findLast((part) => part !== "") ?? "";
  const name = last.replace(UNSEEN, "").trim().slice(0, FILE_NAME_MAX).toWellFormed();
  return /^\.*$/.test(name) ? undefined : name;
}
