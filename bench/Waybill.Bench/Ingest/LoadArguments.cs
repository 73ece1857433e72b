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
        _spans.Validators.Add(result => { if (result.GetValueOrDefault<long>() < 1) result.AddError("--spans: at least 1."); });
        _batch.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 50_000) result.AddError("--batch: 1 to 50000."); });
        _connections.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 1_000) result.AddError("--connections: 1 to 1000."); });
        _templates.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 10_000) result.AddError("--templates: 1 to 10000."); });
    }

    public LoadOptions Read(ParseResult parsed) => new(
        parsed.GetValue(_spans), parsed.GetValue(_batch), parsed.GetValue(_connections), parsed.GetValue(_gzip), TimeSpan.FromMinutes(parsed.GetValue(_window)),
        parsed.GetValue(_rate) / parsed.GetValue(_batch), parsed.GetValue(_templates), parsed.GetValue(_seed),
        TimeSpan.FromMinutes(parsed.GetValue(_settle)), TimeSpan.FromSeconds(parsed.GetValue(_diskWait)));
}
