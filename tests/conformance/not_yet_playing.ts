/**
 * Cases that our Charge Point does not pass yet, because the behaviour that they are about is not there.
 *
 * The list only ever gets shorter: a case that passes and stands here fails its test.
 */
export const NOT_YET_PLAYING: ReadonlySet<string> = new Set([
  "TC_001_CS",
  "TC_002_CS",
  "TC_071_CS",
  "TC_032_1_CS",
  "TC_032_2_CS",
  "TC_034_CS",
  "TC_054_CS",
  "TC_056_CS",
  "TC_057_CS",
  "TC_058_1_CS",
  "TC_058_2_CS",
  "TC_059_CS",
  "TC_060_CS",
  "TC_066_CS",
  "TC_067_CS",
  "TC_072_CS",
  "TC_082_CS",
]);
