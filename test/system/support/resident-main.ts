/** The other half of resident.ts: calls what it is told to, and answers. */
interface Order {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

async function obey(order: Order): Promise<void> {
  const begin = performance.now();
  try {
    const module = (await import(order.module)) as Record<string, (...args: readonly unknown[]) => unknown>;
    const called = module[order.name];
    if (called === undefined) throw new Error(`${order.module} has no ${order.name}`);
    const value = await called(...order.args);
    process.send?.({ id: order.id, value: value ?? null, ms: performance.now() - begin });
  } catch (error) {
    const { code = 'unknown', message, hint } = error as { code?: string; message: string; hint?: string };
    process.send?.({ id: order.id, error: { code, message, hint } });
  }
}

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit());
process.send?.(process.pid);
