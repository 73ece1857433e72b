namespace Waybill.Waterfalls;

/// <summary>A line of the waterfall: a span, or a run of spans that are alike.</summary>
/// <param name="First">Position of the (first) span in the trace.</param>
/// <param name="Count">1, or how many siblings in a row are alike.</param>
/// <param name="Hidden">Spans below that are not shown.</param>
/// <param name="Guides">For each level above, outermost first, whether more siblings follow there: the lines that run down. The last is its own.</param>
internal readonly record struct WaterfallRow(int First, int Count, int Hidden, bool[] Guides, long StartUnixNano, long EndUnixNano, long MeanNano, long MaxNano);
