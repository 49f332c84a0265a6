/** Whether somebody has gone from one page to another since the panel was loaded: then the new page takes the focus. */
let moved = false;
let first: string | undefined;

/** To be told of every page that is come to. */
export function noteMove(path: string): void {
  first ??= path;
  if (path !== first) moved = true;
}

export function hasMoved(): boolean {
  return moved;
}
