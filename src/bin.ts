#!/usr/bin/env node
// The `parlor` command. A Node that is too old must be able to read the compiled file and say so: nothing here is
// newer than ES2019 apart from import(), and nothing is imported before the version is known.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 15)) {
  void run();
} else {
  process.stderr.write(
    `parlor needs Node 24.15 or newer but was started with Node ${process.versions.node}; ` +
      "install a newer one from https://nodejs.org and run the command again.\n",
  );
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const { main } = await import("./cli/main.ts");
  process.exitCode = await main(process.argv.slice(2), process.env);
}
