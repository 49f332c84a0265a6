/** The other half of resident.ts: calls what it is told to, and answers. Its one argument is the URL of a module. */
interface Order {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Functions = Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>;

const { functions } = (await import(process.argv[2] ?? '')) as { functions: Functions };

async function obey({ id, name, args }: Order): Promise<void> {
  try {
    const value = await functions[name]?.(...args);
    process.send?.({ id, value: value ?? null });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    process.send?.({ id, error: { code, message } });
  }
}

process.on('message', (order: Order) => void obey(order));
// Whoever had it started has ended.
process.on('disconnect', () => process.exit());
process.send?.('ready');
