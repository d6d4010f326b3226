/** Address of a slot in a state struct. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function slot(state: usize, index: i32): usize {
  return state + (<usize>index << 2);
}

/** Adds to a counter in a state struct. */
export function drop(state: usize, index: i32, events: i32): void {
  const p = slot(state, index);
  store<i32>(p, load<i32>(p) + events);
}
