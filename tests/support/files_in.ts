/**
 * What stands in the files of a directory, byte by byte.
 */

/** Every file's name and its bytes as characters of Latin 1, in which any ASCII text is found again. */
export async function filesIn(directory: string): Promise<{ name: string; text: string }[]> {
  const files: { name: string; text: string }[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile) continue;
    const bytes = await Deno.readFile(`${directory}/${name}`);
    files.push({ name, text: new TextDecoder("latin1").decode(bytes) });
  }
  return files;
}
