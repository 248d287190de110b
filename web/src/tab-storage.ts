/** What a tab keeps over a reload: texts by name. Without storage, or when it is full, it is kept as long as the page. */

export function toStorage(key: string, texts: object): void {
  try {
    sessionStorage.setItem(`parlor:${key}`, JSON.stringify(texts));
  } catch {
    // See above.
  }
}

export function fromStorage(key: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(`parlor:${key}`) ?? "{}");
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === "string"));
  } catch {
    return {};
  }
}
