import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Look, settled, type Visit } from './browser.ts';
import { OPERATOR, type PanelStage, startPanelStage } from './stage.ts';

let stage: PanelStage;

beforeAll(async () => {
  stage = await startPanelStage();
});

afterAll(async () => {
  await stage?.stop();
});

/** Every theme, language and size at least once, and each two of them together. */
const LOOKS: readonly Look[] = [
  { theme: 'light', language: 'nl', size: 'desktop' },
  { theme: 'dark', language: 'en', size: 'desktop' },
  { theme: 'light', language: 'en', size: 'phone' },
  { theme: 'dark', language: 'nl', size: 'phone' },
];

/** In the fast suite each page has its turn in one look, and every look gets its share of the pages; otherwise all in all. */
const ALL = process.env['HOFJE_TEST_ALL'] === '1';

function shareOf<P>(pages: Iterable<P>, look: Look): P[] {
  const turn = LOOKS.indexOf(look);
  return [...pages].filter((_, index) => ALL || index % LOOKS.length === turn);
}

/** What is to be said against a page: rules of accessibility, of the policy, of room. */
async function faultsOf({ page, complaints }: Visit, path: string): Promise<string[]> {
  complaints.length = 0;
  await page.goto('about:blank');
  await page.goto(path);
  await settled(page);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const wide = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  const title = await page.title();
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 120)}`),
    ),
    ...complaints,
    ...(wide > 0 ? [`wider than the window by ${wide} pixels`] : []),
    ...(/^.+ · Hofje$/.test(title) ? [] : [`the tab is called ${title}`]),
  ];
}

describe.each(LOOKS)('$size, $theme, $language', (look) => {
  test('the pages of the entrance are accessible, fit, and break no rule of the policy', async () => {
    const visit = await stage.visit(look);
    const found: string[] = [];
    for (const [name, path] of shareOf(stage.entrance, look)) {
      found.push(...(await faultsOf(visit, path)).map((fault) => `${name}: ${fault}`));
    }
    await visit.close();
    expect(found).toEqual([]);
  });

  test('every page within likewise', async () => {
    const visit = await stage.enter(look);
    const found: string[] = [];
    for (const [name, path] of shareOf(await stage.pages(), look)) {
      found.push(...(await faultsOf(visit, path)).map((fault) => `${name}: ${fault}`));
    }
    await visit.close();
    expect(found).toEqual([]);
  });

  test('every page of who runs the platform likewise', async () => {
    const visit = await stage.enter(look, OPERATOR);
    const found: string[] = [];
    for (const [name, path] of shareOf(await stage.operatorPages(), look)) {
      found.push(...(await faultsOf(visit, path)).map((fault) => `${name}: ${fault}`));
    }
    await visit.close();
    expect(found).toEqual([]);
  });
});

test('the watch over the policy sees a violation (its positive control)', async () => {
  const visit = await stage.visit({ theme: 'light', language: 'en', size: 'desktop' });
  await visit.page.goto('/login');
  await settled(visit.page);
  const forbidden = [
    `const style = document.createElement('style'); style.textContent = 'p { color: red }'; document.head.append(style);`,
    `const script = document.createElement('script'); try { script.textContent = 'window.ran = 1'; document.head.append(script); } catch {}`,
    `try { document.body.innerHTML = '<p>hello</p>'; } catch {}`,
    `fetch('https://elsewhere.example/').catch(() => undefined);`,
  ];
  for (const text of forbidden) {
    visit.complaints.length = 0;
    await visit.page.evaluate(`(() => { ${text} })()`);
    await expect.poll(() => visit.complaints.some((each) => each.startsWith('policy:')), { message: text }).toBe(true);
  }
  expect(await visit.page.evaluate('window.ran')).toBeUndefined();
  await visit.close();
});
