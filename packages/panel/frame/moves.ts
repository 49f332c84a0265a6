/** Whether somebody has gone from one page to another since the panel was loaded: then the new page takes the focus. */
let moved = false;

/** To be told when that happens. */
export function noteMove(): void {
  moved = true;
}

export function hasMoved(): boolean {
  return moved;
}
