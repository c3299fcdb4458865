"""What the page says of each task in words; figures are in its tables."""

SUMMARY = """\
Similarity of features is the mean of all sets of tiles. Probe (a linear classifier), ABMIL and
Dice (of a U-Net) are changes in points with 95 % intervals, against what was trained and tested
on originals. *Retrained* is trained and tested on reconstructions. Lost and invented are shares
of all nuclei. Each task has tiles of its own, and so its own rates."""
SIMILARITY = """\
Cosine of the features of original and reconstruction, tile by tile; the mean of all sets, each
of which weighs the same, and its 95 % interval (bootstrap over tiles). Below it
each set by itself. The judge's features are all positive, so that its cosines are near 1: what
counts is which of two lines is higher."""
DOWNSTREAM = """\
Tiles of classes, split at random, two thirds to train; the splits and their number are in
the config. Changes are in points against the same split's originals with a classifier trained
on originals; intervals are 95 %, corrected for splits that share tiles (Nadeau and Bengio
2003). *Retrained* is trained and tested on reconstructions. ABMIL sees bags that were made of
these tiles: positive ones hold a few of one class, negative ones none. There are no labelled
slides here, so that this says less than the paper's subtyping of patients."""
SEGMENTATION = """\
A U-Net, trained on original crops, tested on reconstructions of crops of other patients,
against the masks of the data, in percent. Dice and IoU are of pixels, F1 of nuclei as objects
(one is found when it shares more than half of the union); nuclei that touch count as one. Means
over seeds, 95 % intervals over crops (bootstrap)."""
NUCLEI = """\
The U-Net of the first seed finds nuclei in original and reconstruction. Reconstruction minus
original for each quarter of each crop: bias and limits of agreement (Bland and Altman 1986);
lost and invented are shares of all nuclei, a nucleus being the same when it shares more than
half of the union. A network that is not sure of a nucleus changes its mind over little, so that
part of what is lost and invented is its own doing: compare the codecs."""
REPEATED = """\
Coded and decoded again and again; columns are the number of rounds."""
SLIDES = """\
All levels. PathAE's are files of `pathae convert` with its defaults: floor, thumbnail, metadata
and codec parameters are in them, and those weigh in slides as small as these. The others' are
tiles alone, without a container: less than any file of them could be. Sources are JPEG or JPEG
2000 themselves; what codes them again at the quality that they once had is flattered."""
LIMITS = """\
- Bytes are those of whole bitstreams with headers, of the tiles as `TileCodec` writes them,
  without the floor of `pathae convert`, which would code the worst tiles again.
- JPEG has Huffman tables of its own for each tile, which makes it smaller than scanners' JPEG.
- Most tiles were JPEG before they came here. Coding such a tile as JPEG of the same quality
  gives it back nearly as it was, so that JPEG is flattered at high rates and punished at
  others; sets that are halved first hold the least of it.
- The judge was trained on originals of the classes, the ImageNet network on photographs; no
  codec was tuned on either. PathAE's models are trained with the features of a relative of
  the ImageNet network (EfficientNet-Lite1). No pathology foundation model is among the
  extractors unless the table names one.
- The judge, the segmentation networks and those that learn from reconstructions are trained
  where cells are measured, and come out a little different on another machine (the same
  tiles had a Dice of 72.3 and of 70.2). A cell holds a digest of the weights of those that saw
  its tiles, and this page is written only where they are the same in all cells of a task.
- Patients of the classified tiles are not known, so that a patient may be on both sides of a
  split.
- Not copied from the paper's tables: sizes that were computed from latents rather than
  measured, and F1 that equals IoU."""
