import assert from "node:assert/strict";
import { boundaryOf, fileOfForm } from "../../src/http/shared/multipart.ts";

const CONTENT = "line one\r\n--not the boundary\r\nline two\r\n--b";
const FORM = [
  "a preamble\r\n",
  '--bound\r\nContent-Disposition: form-data; name="comment"\r\n\r\nnot this\r\n',
  '--bound\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="f"; filename="a \\"b\\".log"\r\n\r\n',
  `${CONTENT}\r\n--bound--\r\nan epilogue`,
].join("");

/** A body that comes in pieces of this size. */
function bodyOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
  return ReadableStream.from(pieces);
}

async function read(text: string, size: number): Promise<{ name: string | undefined; content: string }> {
  const file = fileOfForm(bodyOf(text, size), "bound");
  const content = await new Response(file.body as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  return { name: file.name(), content };
}

Deno.test("multipart: the first file of a form, however its bytes are cut", async () => {
  for (let size = 1; size <= FORM.length; size++) {
    assert.deepEqual(await read(FORM, size), { name: 'a "b".log', content: CONTENT }, `pieces of ${size}`);
  }
});

Deno.test("multipart: an empty file is a file", async () => {
  const form = '--bound\r\nContent-Disposition: form-data; filename=""\r\n\r\n\r\n--bound--\r\n';
  for (const size of [1, 7, 1_000]) assert.deepEqual(await read(form, size), { name: "", content: "" });
});

const BROKEN: readonly (readonly [what: string, form: string, why: RegExp])[] = [
  ["it breaks off in the file", FORM.slice(0, FORM.indexOf("line two")), /breaks off/],
  ["it breaks off at its end", FORM.slice(0, FORM.lastIndexOf("ound--")), /breaks off/],
  [
    "it has no file",
    '--bound\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--bound--\r\n',
    /no file/,
  ],
  ["it has another boundary", FORM.replaceAll("--bound", "--other"), /breaks off/],
  ["what stands before the file is too long", `${"x".repeat(70_000)}\r\n${FORM}`, /no file at its beginning/],
  ["the head of a part is too long", `--bound\r\nX: ${"x".repeat(9_000)}\r\n\r\n`, /too long/],
];

for (const [what, form, why] of BROKEN) {
  Deno.test(`multipart: ${what}: the body fails`, async () => {
    for (const size of [100, 100_000]) await assert.rejects(read(form, size), why);
  });
}

Deno.test("multipart: the boundary of a Content-Type", () => {
  const boundaries: readonly (readonly [string | null, string | undefined])[] = [
    ["multipart/form-data; boundary=abc", "abc"],
    ['Multipart/Form-Data; charset=utf-8; Boundary="a b;c"', "a b;c"],
    ["multipart/form-data", undefined],
    ["application/octet-stream; boundary=abc", undefined],
    [null, undefined],
  ];
  for (const [contentType, boundary] of boundaries) assert.equal(boundaryOf(contentType), boundary);
});
