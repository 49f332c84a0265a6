import { createHash, type X509Certificate } from 'node:crypto';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 15_000;

/** How a page is looked at. */
export interface Look {
  readonly theme: 'light' | 'dark';
  readonly language: 'nl' | 'en';
  readonly size: 'desktop' | 'phone';
}

/** Runs in the page: what the policy forbids is told by an event of the document. */
const WATCH_POLICY = `document.addEventListener('securitypolicyviolation', (event) => {
  complain(['policy:', event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber, event.sample].join(' '));
});`;

const SIZES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const;

/** A browser with what went wrong in it. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Violations of the policy, errors of scripts and of the console, in words. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Debian's Chromium, that believes exactly this certificate: an ignored error would forbid passkeys. */
export async function startBrowser(certificate: X509Certificate): Promise<Browser> {
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(key).digest('base64');
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--no-proxy-server',
      '--disable-dev-shm-usage',
      `--ignore-certificate-errors-spki-list=${pin}`,
      '--font-render-hinting=none',
    ],
  });
}

export async function openVisit(browser: Browser, url: string, look: Look): Promise<Visit> {
  const context = await browser.newContext({
    ...SIZES[look.size],
    baseURL: url,
    colorScheme: look.theme,
    locale: look.language === 'nl' ? 'nl-NL' : 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    // Pictures and rules are judged at rest.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  await context.exposeBinding('complain', (_source, text: string) => void complaints.push(text));
  await context.addInitScript(WATCH_POLICY);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // An answer of the API that says no is no fault of the page; the browser notes it all the same.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  return { context, page, complaints, close: () => context.close() };
}

/** Waits until a page stands: its heading is there, nothing is loading any more, its letters are. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready.then(() => undefined)');
}
