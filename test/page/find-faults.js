// Runs in the page, which has no script of its own. Its value is a list of what is wrong with the page, one line each.
(() => {
  /** Least size of letters, CSS pixels. */
  const LEAST_PX = 10.5;
  /** Least contrast of text, WCAG 2.2 AA; large text needs 3. */
  const LEAST_CONTRAST = 4.5;
  const faults = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth - clientWidth} px wider than the window`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.textContent.trim() === '' || !node.parentElement.checkVisibility()) continue;
    texts += 1;
    judge(node.textContent.trim(), node.parentElement);
  }
  if (texts < 10) faults.push(`the page has only ${texts} texts`);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size < ids.length) faults.push('an id is used twice');
  for (const link of document.querySelectorAll('a')) {
    const target = link.getAttribute('href');
    if (!target?.startsWith('#')) faults.push(`a link leads to ${target}`);
    else if (!document.getElementById(target.slice(1))) faults.push(`a link leads to ${target}, which is not there`);
  }
  if (document.querySelector('script, img, iframe, link, object, embed, form, input'))
    faults.push('an element that the page must not have');
  return faults;

  function judge(text, element) {
    const style = getComputedStyle(element);
    const px = Number.parseFloat(style.fontSize) * scaleOf(element);
    const box = element.getBoundingClientRect();
    // A size of 0, or a box of a pixel, hides a text on purpose.
    if (px === 0 || box.width <= 1 || box.height <= 1) return;
    const where = `“${text.slice(0, 30)}” in <${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`;
    if (px < LEAST_PX - 0.05) faults.push(`${where} is ${px.toFixed(1)} px high`);
    const isLarge = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    const contrast = contrastOf(parse(colour), backgroundOf(element));
    if (contrast < (isLarge ? 3 : LEAST_CONTRAST)) faults.push(`${where} has a contrast of ${contrast.toFixed(2)}`);
    if (!element.closest('.scroll') && (box.right > clientWidth + 1 || box.left < -1))
      faults.push(`${where} leaves the window`);
    const frame = element.ownerSVGElement?.getBoundingClientRect();
    if (frame && (box.right > frame.right + 1 || box.left < frame.left - 1)) faults.push(`${where} leaves its drawing`);
  }

  /** How much a drawing is scaled, and its letters with it. */
  function scaleOf(element) {
    const svg = element.closest('svg');
    return svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
  }

  function parse(colour) {
    const [r = 0, g = 0, b = 0, a = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return { channels: [r, g, b], alpha: a };
  }

  function backgroundOf(element) {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.alpha === 1) return colour;
    }
    return parse('rgb(255, 255, 255)');
  }

  /** @see {@link https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio} */
  function contrastOf(a, b) {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  }

  function luminance({ channels }) {
    const [r, g, b] = channels.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
})();
