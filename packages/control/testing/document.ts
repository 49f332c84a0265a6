import type { JsonSchema } from './sample.ts';

/** What the OpenAPI document says of one route. */
export interface Operation {
  readonly method: string;
  readonly url: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly body: JsonSchema | undefined;
}

export function readDocument(answer: { readonly body: unknown }): Operation[] {
  const { paths } = answer.body as {
    paths: Record<
      string,
      Record<
        string,
        {
          parameters?: Operation['parameters'];
          requestBody?: { content: Record<string, { schema: JsonSchema }> };
        }
      >
    >;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      url: path.replace(/\{([^}]+)\}/g, ':$1'),
      parameters,
      body: requestBody?.content['application/json']?.schema,
    })),
  );
}
