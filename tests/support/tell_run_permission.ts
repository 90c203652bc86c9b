/** Loaded before a program: says at its end whether it may run others. */
addEventListener("unload", () => {
  console.log(`may run others: ${Deno.permissions.querySync({ name: "run" }).state}`);
});
