/**
 * An independent client of a gateway that keeps dying: people who say one thing after the other, each
 * again and again under the same id until it is acknowledged, and who keep a log of what was.
 */
export interface Person {
  readonly chat: string;
  readonly from: string;
  /** What was acknowledged, in order. */
  readonly acknowledged: string[];
}

export function createPeople(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    chat: `chat-${index % 5}`,
    from: `person-${index}`,
    acknowledged: [],
  }));
}

/** Talks until the signal is aborted; what was said last is said until it is acknowledged. */
export async function talk(person: Person, url: () => string | null, signal: AbortSignal): Promise<void> {
  for (let number = 1; !signal.aborted; number += 1) {
    const text = `${person.from} says ${number}`;
    while (!(await say(person, url(), text, `${person.from}-${number}`))) await pause(20);
    person.acknowledged.push(text);
    await pause(15);
  }
}

/** Things that are not content: they must never leave a row. */
export async function makeNoise(url: () => string | null, signal: AbortSignal): Promise<void> {
  for (let number = 1; !signal.aborted; number += 1) {
    const base = url();
    if (base !== null) {
      await attempt(`${base}/hooks/demo`, { from: `noise-${number}`, type: "ping" });
      await attempt(`${base}/hooks/demo`, { from: `noise-${number}`, text: "  " });
    }
    await pause(10);
  }
}

/** Whether it was acknowledged as stored. Anything else, a lost connection above all, means "unknown". */
async function say(person: Person, base: string | null, text: string, id: string): Promise<boolean> {
  if (base === null) return false;
  const response = await attempt(`${base}/api/chats/${person.chat}/messages`, { from: person.from, text, id });
  return response?.status === 202;
}

/** The response; null when the gateway died before it was complete. */
async function attempt(url: string, body: object): Promise<Response | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    await response.text();
    return response;
  } catch {
    return null;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
