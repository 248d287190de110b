/**
 * The browser of the tests: the Chromium that npm delivers, unpacked once for this checkout.
 *
 * Its package unpacks into the folder for temporary files and takes whatever is there for complete. Here it
 * unpacks into a folder of its own, which gets its final name when it is complete: test files run in parallel.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

const modules = join(import.meta.dirname, "../../node_modules");
const cache = join(modules, ".cache");

/** Tests also run as root, where there is no sandbox; what the pages load is ours. */
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"];

export async function launchChromium(): Promise<Browser> {
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: ARGUMENTS,
    env: { ...process.env, HOME: folder, FONTCONFIG_PATH: folder, FONTCONFIG_FILE: join(folder, "fonts.conf") },
  });
}

async function unpacked(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(modules, "@sparticuz/chromium/package.json"), "utf8")) as {
    version: string;
  };
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;

  await mkdir(cache, { recursive: true });
  const own = await mkdtemp(join(cache, "chromium-unpacking-"));
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL("./unpack-chromium.ts", import.meta.url))], {
    env: { ...process.env, TMPDIR: own },
  });
  // The fonts that come with it and those of the machine, wherever the folder lies.
  await writeFile(
    join(own, "fonts.conf"),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(folder, "fonts")}</dir>` +
      `<dir>/usr/share/fonts</dir><alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias><cachedir>${join(folder, "fontcache")}</cachedir></fontconfig>\n`,
  );
  try {
    await rename(own, folder);
  } catch (error) {
    // Another test file was faster.
    await rm(own, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
