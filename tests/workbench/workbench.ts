// The workbench as a person sees it and touches it.
import type { FrameLocator, Locator, Page } from "playwright-core";
import { equal, eventually, PATIENCE } from "./patience.ts";

export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
  }

  /** Wait until the workbench stands. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 120_000 });
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  }

  /** Reload the window as a person does, with a command: it keeps what is open. */
  async reload(): Promise<void> {
    await this.page.evaluate(() => document.body.setAttribute("data-old", ""));
    await this.command("Developer: Reload Window");
    await this.page.locator("body[data-old]").waitFor({ state: "detached" });
    await this.ready();
  }

  // Keyboard

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await this.page.keyboard.press(key);
    }
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Choose an entry of the palette by its words, as they are shown there, and an entry of the list that it leads to. */
  async command(title: string, then?: string): Promise<void> {
    await this.pick(">", title, title);
    if (then !== undefined) {
      await this.enter(then);
    }
  }

  /** Say which commands the palette offers for some words. */
  async offered(words: string): Promise<string[]> {
    await this.openPalette(`>${words}`);
    await this.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    const found = await this.page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
    await this.press("Escape");
    return found;
  }

  async openFile(path: string): Promise<void> {
    const name = path.split("/").at(-1)!;
    await this.pick("", path, name);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator(".editor-group-container.active .view-line").first().waitFor();
  }

  /** Put the cursor on a line of the active editor, at its end. */
  async goTo(line: number): Promise<void> {
    await this.openPalette(`:${line}`);
    await this.press("Enter");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    await this.press("End");
    await this.page.locator(`.statusbar-item:has-text("Ln ${line},")`).waitFor();
  }

  async save(): Promise<void> {
    await this.press("Control+s");
    await this.page.locator(".tab.active:not(.dirty)").waitFor();
  }

  // The editor

  line(text: string): Locator {
    return this.page.locator(".editor-group-container.active .view-line", { hasText: exactly(text) });
  }

  squiggle(): Locator {
    return this.page.locator(".editor-group-container.active .view-overlays .squiggly-error");
  }

  lens(title: string): Locator {
    return this.page.locator(".codelens-decoration a", { hasText: title }).filter({ hasText: new RegExp(`${title}$`) });
  }

  /** Rest the mouse on a word of the code until a hover is shown that has some words in it. */
  async hover(line: Locator, words: string | RegExp): Promise<Locator> {
    const shown = this.page.locator(".monaco-hover:not(.hidden)", { hasText: words }).first();
    let nudge = 0;
    await eventually(`a hover with ${words}`, async () => {
      nudge = (nudge + 1) % 5;
      const box = await boxOf(line.locator("span span").first()); // lenses that come move the lines
      await this.page.mouse.move(box.x + Math.min(box.width - 2, 30) + nudge, box.y + box.height / 2);
      return shown.waitFor({ timeout: 3_000 }).then(() => true, () => false);
    });
    return shown;
  }

  async clickAt(target: Locator): Promise<void> {
    const box = await boxOf(target);
    await this.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  }

  /** Open the light bulb's menu with the keyboard, and return its entries. A key that comes while the editor draws may be lost. */
  async askMenu(): Promise<string[]> {
    const entry = this.page.locator(".action-widget .monaco-list-row.action").first();
    await eventually("the menu of the light bulb", async () => {
      await this.press("Control+.");
      return entry.waitFor({ timeout: 10_000 }).then(() => true, () => false);
    });
    return this.menu();
  }

  /** Return the entries of the light bulb's menu. */
  async menu(): Promise<string[]> {
    await this.page.locator(".action-widget .monaco-list-row.action").first().waitFor();
    return this.page.locator(".action-widget .monaco-list-row.action .title").allInnerTexts();
  }

  /** Choose an entry of the light bulb's menu with the keyboard alone. */
  async choose(title: string): Promise<void> {
    await this.menu(); // before it is there, the keys go to the editor
    const focused = this.page.locator(".action-widget .monaco-list-row.action.focused .title");
    await eventually(`${title} in the focus of the menu`, async () => {
      if ((await focused.allInnerTexts())[0] === title) {
        return true;
      }
      await this.press("ArrowDown");
      return false;
    });
    await this.press("Enter");
    await this.page.locator(".action-widget .monaco-list-row.action").first().waitFor({ state: "hidden" });
  }

  // Around the editor

  status(): Locator {
    return this.page.locator('.statusbar-item[id$="regreen.status"]');
  }

  /** Wait until the status bar tells something of us. */
  async says(words: string | RegExp): Promise<void> {
    await this.page.locator('.statusbar-item[id$="regreen.status"]', { hasText: words }).waitFor();
  }

  /** Wait until the status bar tells that the server is ready and nothing is red. */
  async green(): Promise<void> {
    const sign = this.status().locator(".codicon");
    await eventually("a server that is ready", async () => {
      const signs = await sign.evaluateAll((found) => found.map((each) => each.className));
      return signs.join(" ").includes("codicon-check");
    });
    await this.says(/^\s*Regreen\s*$/);
  }

  toast(words: string | RegExp): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item", { hasText: words }).first();
  }

  /** Return a test of the Testing view by its label, which may stand before how long it took. */
  test(label: string): Locator {
    return this.page.locator(".test-explorer .monaco-list-row", { hasText: exactly(label, "([\\d.]+\\s*(ms|s))?") }).first();
  }

  /** Open the menu of something with the right mouse button and choose an entry. */
  async chooseFromMenu(target: Locator, title: string): Promise<void> {
    const box = await boxOf(target);
    await this.page.mouse.click(box.x + Math.min(40, box.width / 2), box.y + box.height / 2, { button: "right" });
    const entry = this.page.locator(".monaco-menu .action-label", { hasText: exactly(title) }).first();
    await entry.waitFor();
    await eventually(`${title} that is taken`, async () => {
      await entry.click({ timeout: 3_000 }).catch(() => undefined); // a menu that has just opened takes no clicks
      return entry.waitFor({ state: "hidden", timeout: 1_000 }).then(() => true, () => false);
    });
  }

  async problems(): Promise<Locator> {
    if (!(await this.page.locator(".markers-panel").isVisible())) {
      await this.press("Control+Shift+M");
    }
    await this.page.locator(".markers-panel").waitFor();
    return this.page.locator(".markers-panel .monaco-list-row");
  }

  /** Wait until the Problems panel has none of ours. */
  async noProblems(): Promise<void> {
    await this.problems();
    await this.page.locator(".markers-panel .messageContainer, .markers-panel", { hasText: "No problems" }).first().waitFor();
  }

  async expectDirty(dirty: boolean): Promise<void> {
    equal((await this.page.locator(".tab.active.dirty").count()) === 1, dirty, "unsaved");
  }

  /** Return what an extension or the editor shows as a page. */
  webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe");
  }

  /** Wait until the page of a repair is shown with some words. */
  async report(words: string): Promise<FrameLocator> {
    const inner = this.webview();
    await inner.locator("body", { hasText: words }).waitFor();
    return inner;
  }

  /** Return the light bulb of the line that the cursor is on. */
  bulb(): Locator {
    return this.page.locator(".lightBulbWidget:visible, .editor-group-container.active [class*=codicon-gutter-lightbulb]").first();
  }

  /** Click a link of a hover. */
  async follow(hover: Locator, words: string): Promise<void> {
    await this.clickAt(hover.locator("a", { hasText: exactly(words) }).first());
  }

  /** Tell whether the status bar says within some time that a test is red. */
  async redWithin(milliseconds: number): Promise<boolean> {
    const red = this.page.locator('.statusbar-item[id$="regreen.status"]', { hasText: "1 red" });
    return red.waitFor({ timeout: milliseconds }).then(() => true, () => false);
  }

  /** Tick what is previewed, and apply it. */
  async applyPreview(): Promise<void> {
    const apply = this.page.locator(".panel .monaco-button", { hasText: /^Apply$/ }).first();
    await apply.waitFor();
    await this.page.locator(".panel .edit-checkbox").first().check();
    await apply.click();
  }

  /** Record the texts that an element has had since; return what tells them. */
  async record(selector: string): Promise<() => Promise<string[]>> {
    const recorded = await this.page.evaluateHandle((wanted) => {
      const texts: string[] = [];
      const take = () => texts.push(document.querySelector(wanted)?.textContent ?? "");
      new MutationObserver(take).observe(document.body, { subtree: true, childList: true, characterData: true });
      return texts;
    }, selector);
    return () => recorded.evaluate((texts) => [...new Set(texts)]);
  }

  /** Count messages and boxes that are on the screen. */
  async unasked(): Promise<number> {
    return this.page.locator(".notifications-toasts .notification-list-item, .monaco-dialog-box").count();
  }

  /** Begin to count the clicks; return what tells how many there were. */
  async countClicks(): Promise<() => Promise<number>> {
    const clicks = await this.page.evaluateHandle(() => {
      const seen: string[] = [];
      addEventListener("mousedown", (event) => seen.push(String(event.target)), { capture: true });
      return seen;
    });
    return () => clicks.evaluate((seen) => seen.length);
  }

  /** Press Tab until the keyboard's focus is on something with some words, below an element. */
  async tabTo(selector: string, words: string): Promise<void> {
    const focus = this.page.locator(`${selector} :focus`);
    await eventually(`the focus on ${words}`, async () => {
      if ((await focus.allInnerTexts()).some((text) => text.trim() === words)) {
        return true;
      }
      await this.press("Tab");
      return false;
    });
  }

  /** Return the contrast between an element's text and the page behind it: from 1 to 21. */
  async contrast(text: Locator): Promise<number> {
    return text.evaluate((element) => {
      const bright = (colour: string) => {
        const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
          const share = Number(part) / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
      };
      const [one, other] = [getComputedStyle(element).color, getComputedStyle(document.body).backgroundColor].map(bright);
      return (Math.max(one!, other!) + 0.05) / (Math.min(one!, other!) + 0.05);
    });
  }

  private async openPalette(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget:visible .quick-input-box input");
    await eventually("the palette", async () => {
      await this.press(text.startsWith(">") ? "F1" : "Control+p");
      return input.waitFor({ timeout: 3_000 }).then(() => true, () => false);
    });
    await input.fill(text);
  }

  /** Pick the entry with a label from a quick input. */
  private async pick(prefix: string, words: string, label: string): Promise<void> {
    const rows = this.entries(label);
    await eventually(`${label} in the palette`, async () => {
      await this.openPalette(prefix + words);
      // A command that comes while the palette is open, of an editor that is still starting, does not come into it. Files do.
      return rows.first().waitFor({ timeout: prefix === "" ? PATIENCE : 20_000 }).then(() => true, () => this.press("Escape").then(() => false));
    });
    await this.enter(label);
  }

  private entries(label: string): Locator {
    const name = this.page.locator(".label-name", { hasText: exactly(label) });
    return this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row", { has: name });
  }

  /** Move the focus of a quick input to an entry, and take it. */
  async enter(label: string): Promise<void> {
    const rows = this.entries(label);
    await rows.first().waitFor();
    await eventually(`${label} in the focus of the list`, async () => {
      if (await rows.and(this.page.locator(".focused")).isVisible()) {
        return true;
      }
      await this.press("ArrowDown");
      return false;
    });
    await this.press("Enter");
    await rows.first().waitFor({ state: "hidden" });
  }
}

/** Return where an element is: nowhere for a moment when it is just drawn anew. */
async function boxOf(target: Locator) {
  return eventually("a place on the screen", async () => (await target.boundingBox()) ?? undefined);
}

function exactly(words: string, more = ""): RegExp {
  // Spaces of code are shown as unbreakable ones.
  return new RegExp(`^\\s*${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s")}\\s*${more}\\s*$`);
}
