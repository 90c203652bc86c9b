/**
 * Reads Prometheus' text format as strictly as it can be read: what is not exactly as the format wants it is an error.
 *
 * Spec: Prometheus exposition formats, text format 0.0.4; of OpenMetrics the rules that counters end in `_total`, that
 * families are not interleaved, and that buckets are cumulative and end with `+Inf`.
 */
import assert from "node:assert/strict";

/** One line with a number. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All that stands below one `# TYPE`. */
export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,(?=.)|$)/;
const NUMBER = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|Inf)$/;

/** The families of a text, by name. Errors: an assertion for whatever breaks the format. */
export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  assert.ok(text.endsWith("\n"), "the last line has no end");
  assert.ok(!text.includes("\r"), "lines end in line feeds alone");
  const families = new Map<string, ReadFamily & { samples: ReadSample[] }>();
  let family: ReadFamily & { samples: ReadSample[] } | undefined;
  const lines = text.slice(0, -1).split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    const help = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line);
    if (help !== null) {
      const [, name, words] = help as unknown as [string, string, string];
      assert.match(words, /^(?:[^\\]|\\\\|\\n)*$/, `escapes of ${line}`);
      const type = new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`).exec(lines[++at] ?? "");
      assert.ok(type, `${name} has its type right after its help, not ${lines[at]}`);
      assert.ok(!families.has(name), `${name} is there twice`);
      families.set(name, family = { name, help: words, type: type[1]!, samples: [] });
      continue;
    }
    assert.ok(family, `a family is open before ${line}`);
    family.samples.push(readSample(line));
  }
  for (const one of families.values()) checkFamily(one);
  return families;
}

function readSample(line: string): ReadSample {
  const parts = SAMPLE.exec(line);
  assert.ok(parts, `no sample: ${line}`);
  const [, name, inBraces, number] = parts as unknown as [string, string, string | undefined, string];
  assert.match(number, NUMBER, line);
  const labels: Record<string, string> = {};
  for (let rest = inBraces ?? ""; rest !== "";) {
    const label = LABEL.exec(rest);
    assert.ok(label, `no label: ${rest} of ${line}`);
    assert.ok(!(label[1]! in labels), `the label ${label[1]} is there twice: ${line}`);
    labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, one) => one === "n" ? "\n" : one);
    rest = rest.slice(label[0].length);
  }
  const value = number.endsWith("Inf") ? (number.startsWith("-") ? -Infinity : Infinity) : Number(number);
  return { name, labels, value };
}

function checkFamily({ name, type, samples }: ReadFamily): void {
  const keys = samples.map((sample) => JSON.stringify([sample.name, sample.labels]));
  assert.equal(new Set(keys).size, keys.length, `${name}: a sample is there twice`);
  if (type === "counter") assert.match(name, /_total$/);
  else assert.doesNotMatch(name, /_(total|sum|count|bucket)$/);
  if (type === "histogram") return checkHistogram(name, samples);
  for (const sample of samples) {
    assert.equal(sample.name, name);
    if (type === "counter") assert.ok(sample.value >= 0, name);
  }
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const series = new Map<string, ReadSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...series.get(key) ?? [], sample]);
  }
  for (const [key, lines] of series) {
    const buckets = lines.slice(0, -2);
    assert.deepEqual(
      lines.map((line) => line.name),
      [...buckets.map(() => `${name}_bucket`), `${name}_sum`, `${name}_count`],
      `${name}${key}`,
    );
    const bounds = buckets.map(({ labels }) => labels["le"] === "+Inf" ? Infinity : Number(labels["le"]));
    assert.equal(bounds.at(-1), Infinity, `${name}${key}`);
    for (let at = 1; at < buckets.length; at += 1) {
      assert.ok(bounds[at]! > bounds[at - 1]!, `${name}${key}: bounds ascend`);
      assert.ok(buckets[at]!.value >= buckets[at - 1]!.value, `${name}${key}: buckets are cumulative`);
    }
    const [sum, count] = lines.slice(-2) as [ReadSample, ReadSample];
    assert.equal(count.value, buckets.at(-1)!.value, `${name}${key}: the last bucket holds all`);
    assert.ok(sum.value >= 0 && !("le" in sum.labels) && !("le" in count.labels), `${name}${key}`);
  }
}

/** A sample as a line, for lists that a test compares: `name{a="b"} 5`. */
export function sampleText({ name, labels, value }: ReadSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(" ")}}`} ${value}`;
}
