// A long line of things, a page at a time: no more than that is in memory.

/** Pages of `size`; the last one may be shorter, none is empty. */
export async function* inPages<T>(things: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let page: T[] = [];
  for await (const thing of things) {
    page.push(thing);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
