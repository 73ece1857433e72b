using Waybill.Web;

namespace Waybill.Causes;

/// <summary>The baseline in blocks about as long as the window, and the window as the block after them: what differs between blocks of the baseline is noise.</summary>
public sealed class Timeline
{
    private const long BlockNanoMin = 10_000_000_000;
    private const int BlocksWanted = 6, BlocksMax = 60;

    private readonly long _blockNano;

    public Timeline(TimeRange window, TimeRange baseline)
    {
        (Window, Baseline) = (window, baseline);
        long length = baseline.UntilUnixNano - baseline.SinceUnixNano;
        _blockNano = Math.Max(Math.Max(BlockNanoMin, length / BlocksMax + 1), Math.Min(window.UntilUnixNano - window.SinceUnixNano, length / BlocksWanted));
        BlockCount = (int)Math.Clamp((length + _blockNano / 2) / _blockNano, 1, BlocksMax);
    }

    public TimeRange Window { get; }
    public TimeRange Baseline { get; }
    public int BlockCount { get; }

    /// <summary>The window is one trace, the baseline are traces like it.</summary>
    public bool IsTrace { get; init; }

    /// <summary>Length of the window in lengths of the baseline: what a count of the baseline promises for the window.</summary>
    public double Scale => (double)(Window.UntilUnixNano - Window.SinceUnixNano) / Math.Max(1, Baseline.UntilUnixNano - Baseline.SinceUnixNano);

    public Side SideOf(long time) =>
        time >= Window.SinceUnixNano && time < Window.UntilUnixNano ? Side.Window
        : time >= Baseline.SinceUnixNano && time < Baseline.UntilUnixNano ? Side.Baseline
        : Side.Outside;

    public int BlockOf(long time) => (int)Math.Clamp((time - Baseline.SinceUnixNano) / _blockNano, 0, BlockCount - 1);
}
