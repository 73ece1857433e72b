namespace Waybill.Terminal;

/// <summary>What goes on, on standard error: a line that changes on a terminal, only what is done elsewhere. Standard output stays the answer.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const string Wheel = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

    private readonly bool _terminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
    private readonly Lock _lock = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly ITimer? _timer;
    private string? _text;
    private int _turn;

    public ProgressLine()
    {
        if (_terminal) _timer = TimeProvider.System.CreateTimer(_ => Draw(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Replaces the line.</summary>
    public void Show(string text)
    {
        lock (_lock) _text = text;
    }

    /// <summary>Clears the line and leaves this one.</summary>
    public void Done(string text)
    {
        lock (_lock)
        {
            Clear();
            Console.Error.WriteLine(Visible.Of(text));
        }
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_text is null) return;
            string line = $"{Wheel[_turn++ % Wheel.Length]} {_text}  {TimeProvider.System.GetElapsedTime(_started).TotalSeconds:0} s";
            Console.Error.Write($"\r\e[K{Visible.Cut(line, 78)}");
        }
    }

    private void Clear()
    {
        if (_terminal && _text is not null) Console.Error.Write("\r\e[K");
        _text = null;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock) Clear();
    }
}
