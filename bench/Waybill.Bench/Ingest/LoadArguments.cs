using System.CommandLine;

namespace Waybill.Ingest;

/// <summary>The options of a load, for every command that loads a server.</summary>
internal sealed class LoadArguments
{
    private readonly Option<long> _spans = new("--spans") { DefaultValueFactory = _ => 350_000, Description = "Spans to send" };
    private readonly Option<int> _batch = new("--batch") { DefaultValueFactory = _ => 500, Description = "Spans in a request" };
    private readonly Option<int> _connections = new("--connections") { DefaultValueFactory = _ => 4, Description = "Requests in flight at once" };
    private readonly Option<bool> _gzip = new("--gzip") { Description = "Compress requests" };
    private readonly Option<double> _window = new("--window-minutes") { DefaultValueFactory = _ => 10, Description = "Spread span times over this long before now; 1440 for 10 million spans" };
    private readonly Option<double> _rate = new("--rate") { Description = "Spans a second; 0 sends as fast as acknowledgements come" };
    private readonly Option<int> _templates = new("--templates") { DefaultValueFactory = _ => 128, Description = "Different requests before shapes repeat" };
    private readonly Option<ulong> _seed = new("--seed") { DefaultValueFactory = _ => 20_261_122, Description = "Other seeds give other ids and shapes" };
    private readonly Option<double> _settle = new("--settle-minutes") { DefaultValueFactory = _ => 15, Description = "Longest wait for an empty spool and no merges" };
    private readonly Option<double> _diskWait = new("--disk-wait-seconds")
    {
        Description = "Wait this long once settled before measuring the disk: the engine keeps merged-away parts for 480 s",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _spans, _batch, _connections, _gzip, _window, _rate, _templates, _seed, _settle, _diskWait }) command.Add(option);
        Between(_spans, 1, 100_000_000_000);
        Between(_batch, 1, 50_000);
        Between(_connections, 1, 1_000);
        Between(_templates, 1, 10_000);
    }

    public LoadOptions Read(ParseResult parsed) => new(
        parsed.GetValue(_spans), parsed.GetValue(_batch), parsed.GetValue(_connections), parsed.GetValue(_gzip), TimeSpan.FromMinutes(parsed.GetValue(_window)),
        parsed.GetValue(_rate) / parsed.GetValue(_batch), parsed.GetValue(_templates), parsed.GetValue(_seed),
        TimeSpan.FromMinutes(parsed.GetValue(_settle)), TimeSpan.FromSeconds(parsed.GetValue(_diskWait)));

    // What is no number is refused by the option's type.
    private static void Between(Option option, long min, long max) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && long.TryParse(token.Value, out long value) && (value < min || value > max))
            result.AddError($"{option.Name}: {min} to {max}.");
    });
}
