import type { PlatformFile } from "./platform.ts";
import type { TelegramBot } from "./telegram-adapter.ts";
import { TelegramRefusal } from "./telegram-fault.ts";

export interface TelegramFileOptions {
  readonly bot: Pick<TelegramBot, "call">;
  readonly token: string;
  readonly apiBaseUrl: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** As the Bot API answers `getFile`. */
interface TelegramFile {
  readonly file_path?: string;
  readonly file_size?: number;
}

const ADDRESS = /^telegram:file\/([\w-]+)$/;

/**
 * The file behind `telegram:file/<id>`. The token is a part of every address, so no error of `fetch` goes on:
 * what is wrong is said in words of ours. Rejects with the signal's reason when that is aborted.
 */
export async function fetchTelegramFile(url: string, options: TelegramFileOptions): Promise<PlatformFile> {
  const id = ADDRESS.exec(url)?.[1];
  if (id === undefined) return unavailable("its address is none of Telegram's");
  try {
    return await download(id, options);
  } catch (error) {
    options.signal.throwIfAborted();
    // Telegram gives bots no file of more than 20 MB, and none that is gone.
    if (error instanceof TelegramRefusal) return unavailable(`Telegram does not give it (${error.status})`);
    return unavailable("Telegram cannot be reached");
  }
}

async function download(
  id: string,
  { bot, token, apiBaseUrl, maxBytes, signal }: TelegramFileOptions,
): Promise<PlatformFile> {
  const file = await bot.call<TelegramFile>("getFile", { file_id: id }, signal);
  if ((file.file_size ?? 0) > maxBytes) return tooLong(maxBytes);
  const path = file.file_path ?? "";
  // A Bot API of one's own may name a place on its disk instead.
  if (!/^[\w-][\w./ -]*$/.test(path) || path.includes("..")) return unavailable("Telegram does not say where it is");
  const response = await fetch(`${apiBaseUrl}/file/bot${token}/${encodeURI(path)}`, { redirect: "error", signal });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return unavailable(`Telegram does not give it (${response.status})`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (length > maxBytes) return tooLong(maxBytes);
  }
  // What Telegram says of the type is the same for every file.
  return { outcome: "fetched", bytes: Buffer.concat(chunks), mediaType: "application/octet-stream" };
}

function tooLong(maxBytes: number): PlatformFile {
  return unavailable(`it is larger than ${Math.floor(maxBytes / 1_048_576)} MiB`);
}

function unavailable(reason: string): PlatformFile {
  return { outcome: "unavailable", reason };
}
