"""How the page looks: in light and dark, on a wide screen, a phone and paper."""

STYLE = """
:root{color-scheme:light dark;--paper:#f7f6f9;--sheet:#fff;--ink:#1f1b2e;--soft:#655f78;
--rule:#e3e0ea;--accent:#6b4fa3;--accent-soft:#cbbfe6;--good:#1d7a4f;--good-soft:#e5f4ec;
--bad:#b3261e;--bad-soft:#fbe9e7;--fallback:#d9823b;--constant:#8a93a6;--rest:#c9c5d4}
@media(prefers-color-scheme:dark){:root{--paper:#14121b;--sheet:#1d1a27;--ink:#ece9f4;
--soft:#a39cb8;--rule:#332e42;--accent:#b39ae6;--accent-soft:#4a3d6b;--good:#5cc793;
--good-soft:#16302a;--bad:#ff8a80;--bad-soft:#3a1d1f;--rest:#565068}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
.brand{display:flex;justify-content:space-between;gap:12px;flex-wrap:wrap;color:var(--soft);
font-size:.85rem;margin-bottom:14px}
.brand b{color:var(--accent);letter-spacing:.02em}
.verdict{display:flex;gap:20px;align-items:center;border-radius:16px;padding:22px 26px;
border:1px solid}
.verdict.good{background:var(--good-soft);border-color:var(--good)}
.verdict.bad{background:var(--bad-soft);border-color:var(--bad)}
.verdict h1{margin:0;font-size:1.55rem;line-height:1.25}
.verdict p{margin:6px 0 0;max-width:85ch}
.seal{flex:none;width:54px;height:54px;border-radius:50%;display:grid;place-items:center;
font-size:1.7rem;color:var(--sheet)}
.good .seal{background:var(--good)}.bad .seal{background:var(--bad)}
span.good{color:var(--good);font-weight:700}span.bad{color:var(--bad);font-weight:700}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.card{background:var(--sheet);border:1px solid var(--rule);border-radius:12px;padding:14px 16px;
display:flex;flex-direction:column}
.card .name{font-size:.78rem;color:var(--soft)}
.card strong{font-size:1.4rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.card .note{font-size:.78rem;color:var(--soft)}
ul.problems,ul.notices{margin:12px 0;padding:12px 16px 12px 34px;border-radius:12px;
font-size:.92rem;overflow-wrap:anywhere}
ul.problems{background:var(--bad-soft)}
ul.notices{background:var(--sheet);border:1px solid var(--rule);color:var(--soft)}
section{background:var(--sheet);border:1px solid var(--rule);border-radius:16px;
padding:22px 26px;margin-top:18px}
h2{margin:0 0 4px;font-size:1.2rem}
.lead{margin:0 0 16px;color:var(--soft);max-width:95ch;font-size:.94rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
th{font-weight:600;color:var(--soft);font-size:.8rem}
th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--rule);
vertical-align:top}
tbody tr:last-child td{border-bottom:0}
th.figure,td.figure{text-align:right;white-space:nowrap;padding:7px 0 7px 14px}
figure{margin:0}figcaption{font-size:.82rem;color:var(--soft)}figcaption b{color:var(--ink)}
.charts{display:grid;gap:20px 40px;
grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));
margin-bottom:14px}
.chart svg{width:100%;height:auto;display:block}
.bar{fill:var(--accent)}.axis{stroke:var(--rule)}.median{fill:var(--ink)}
text{fill:var(--soft);font-size:11px}
line.floor{stroke:var(--bad);stroke-dasharray:4 3}text.floor{fill:var(--bad)}
.legend{display:flex;align-items:center;gap:6px 8px;flex-wrap:wrap;font-size:.82rem;
color:var(--soft);margin-bottom:14px}
.ramp{width:150px;height:12px;border-radius:6px}.ramp+span{margin-right:10px}
.key{display:inline-flex;align-items:center;gap:6px;margin-right:10px}
.swatch{width:14px;height:14px;border-radius:4px}
.swatch.exact{background:#dddfe6;border:1px solid var(--soft)}
.swatch.none{border:1px dashed var(--soft)}.swatch.low{border:2px solid #b3261e}
.maps{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:22px;
align-items:start}
.frame{position:relative;overflow:hidden;border-radius:8px;border:1px solid var(--rule);
margin-bottom:6px;background:repeating-linear-gradient(45deg,var(--rule) 0 2px,transparent 2px 8px)}
.frame img{position:absolute;top:0;left:0;width:100%;height:100%;max-width:none}
.frame img.cells{image-rendering:pixelated}
.frame svg{position:absolute;inset:0;width:100%;height:100%}
rect.low{fill:none;stroke:#b3261e;stroke-width:4px;vector-effect:non-scaling-stroke}
.map circle{fill:#1f1b2ecc;stroke:#fff;stroke-width:.14}
.map text{fill:#fff;font-size:1.2px;font-weight:700;text-anchor:middle}
.tile{border-top:1px solid var(--rule);padding:16px 0 10px}
.tile:first-of-type{border-top:0;padding-top:0}
.tile h3{margin:0;font-size:1rem;font-weight:500}
.tile h3 b{float:right;font-variant-numeric:tabular-nums}
.rank{display:inline-grid;place-items:center;width:1.6em;height:1.6em;border-radius:50%;
background:var(--accent);color:var(--sheet);font-size:.82rem;font-weight:700;margin-right:4px}
.facts{margin:4px 0 10px;color:var(--soft);font-size:.85rem}
.trio{display:grid;grid-template-columns:repeat(3,minmax(0,max-content));gap:14px}
.trio img{max-width:100%;height:auto;display:block;border-radius:6px;
outline:1px solid var(--rule);outline-offset:-1px}
div.bar{display:flex;height:22px;border-radius:8px;overflow:hidden;margin-bottom:10px;gap:1px}
.part{min-width:2px}.network{background:var(--accent)}.fallback{background:var(--fallback)}
.constant{background:var(--constant)}.rest{background:var(--rest)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0;font-size:.92rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}code{font-size:.86em}
summary{cursor:pointer;color:var(--accent);font-size:.92rem}
footer{margin-top:22px;color:var(--soft);font-size:.82rem}
@media(max-width:620px){main{padding:14px 12px 40px}section{padding:18px 16px}
.verdict{padding:18px;gap:14px}.verdict h1{font-size:1.25rem}.seal{width:42px;height:42px}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:10px}.trio{gap:4px}
.tile h3 b{float:none;display:block}
.cards{grid-template-columns:repeat(2,1fr)}.card strong{font-size:1.15rem}}
@media print{body{background:#fff}section,.card{break-inside:avoid}.tile{break-inside:avoid}}
"""
