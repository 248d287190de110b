/** Makes `calls` calls, `callers` of them under way at any time: each caller waits for its answer before it asks again. */
export async function manyCallers(
  callers: number,
  calls: number,
  call: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < calls) {
      const index = next;
      next += 1;
      await call(index);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
