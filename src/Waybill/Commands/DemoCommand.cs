using System.CommandLine;
using Spectre.Console;
using Waybill.Api;
using Waybill.Demo;
using Waybill.Options;
using Waybill.Terminal;
using Waybill.Waterfalls;

namespace Waybill.Commands;

/// <summary><c>waybill demo</c>: a server and a real shop, up to a real trace in the terminal.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60), TraceMax = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Directory for the demo's data.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "waybill-demo") };
        var once = new Option<bool>("--once") { Description = "End after the first trace instead of going on until Ctrl-C." };
        var noShop = new Option<bool>("--no-shop") { Description = "Only the server; send your own telemetry." };
        var rate = new Option<double>("--rate") { Description = "Customers' requests per second.", HelpName = "N", DefaultValueFactory = _ => 5 };
        rate.Validators.Add(value =>
        {
            if (value.GetValueOrDefault<double>() is < 0.1 or > 200) value.AddError("--rate is a number from 0.1 to 200.");
        });
        var command = new Command("demo", "Start a server and a sample shop of ten services, and show a real trace of a checkout.") { data, once, noShop, rate };
        command.SetAction((parsed, cancel) => Run(Path.GetFullPath(parsed.GetRequiredValue(data)), parsed.GetValue(once), parsed.GetValue(noShop), parsed.GetValue(rate), parsed.IsJson(), cancel));
        return command;
    }

    private static async Task<int> Run(string data, bool once, bool noShop, double rate, bool asJson, CancellationToken cancel)
    {
        string? shopProgram = noShop ? null : ShopProgram.Find() ?? throw new CommandFailure("The Shop is not built. Build it with 'dotnet build samples/Shop', or start without it: waybill demo --no-shop");
        try
        {
            Directory.CreateDirectory(data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{e.Message} Choose another directory with --data.");
        }
        var screen = Screen.Open();
        using var progress = new ProgressLine();
        DateTimeOffset since = TimeProvider.System.GetUtcNow();
        try
        {
            progress.Show("starting the server");
            await using DemoServer server = await DemoServer.Start(data, shopProgram is null ? null : ShopProgram.Catalog(shopProgram), StartMax, cancel);
            progress.Done($"server  {server.Console}  (OTLP/gRPC {server.OtlpGrpc}  OTLP/HTTP {server.OtlpHttp})");
            if (!server.HasUsualPorts) progress.Done("        The usual ports 4317 to 4319 are taken, so these were chosen.");
            if (shopProgram is null)
            {
                progress.Done($"Send a test trace:  waybill send --endpoint {Plain(server.OtlpHttp)} --server {Plain(server.Console)}");
                return once ? ExitCode.Done : await UntilInterrupted(progress, cancel);
            }

            if (!ShopProgram.HasNode()) progress.Done("shop    without notifications: 'node' is not on the PATH.");
            progress.Show("starting the Shop");
            string shopData = Path.Combine(data, "shop");
            await using ChildProcess shop = ShopProgram.Start(shopProgram, server, shopData, rate);
            using var client = new ServerClient(server.Console);
            string id = await FirstCheckout.Await(client, shop, since, TraceMax, progress.Show, cancel)
                ?? throw new CommandFailure($"No checkout arrived within {TraceMax.TotalSeconds:0} s. Logs: {shop.LogFile} and {Path.Combine(data, "server.log")}");
            progress.Done("shop    is open; this is its first whole checkout:");
            progress.Done("");
            await Show(client, screen, id, asJson, cancel);
            if (once) return ExitCode.Done;
            if (!asJson) screen.Write(Hints(screen.Profile.Width, server, id, shopProgram, shopData));
            return await UntilInterrupted(progress, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ExitCode.Done;   // Ctrl-C is how a demo ends; its children have ended by now.
        }
    }

    private static async Task Show(ServerClient client, IAnsiConsole screen, string id, bool asJson, CancellationToken cancel)
    {
        await using Stream body = await client.Get($"api/traces/{id}", cancel);
        if (asJson) await JsonOutput.Copy(body, cancel);
        else screen.Write(Waterfall.Lines(await TraceDocument.Read(body, attributes: false, int.MaxValue, cancel), new WaterfallOptions { Width = screen.Profile.Width }));
    }

    private static IEnumerable<Line> Hints(int width, DemoServer server, string id, string shopProgram, string shopData)
    {
        string at = server.HasUsualPorts && Ports.Console == server.Console.Port ? "" : $" --server {Plain(server.Console)}";
        string shop = Path.GetRelativePath(Environment.CurrentDirectory, shopProgram) is var near && near.Length < shopProgram.Length ? near : shopProgram;
        Line Hint(string what, string how) => new Line(Math.Max(width, 400)).Add($"  {what}", Paint.Faint).To(26).Add(how);
        yield return new Line(width);
        yield return new Line(width).Add("Look around", Paint.Strong);
        yield return Hint("this trace in full", $"waybill trace {id} --logs --attributes{at}");
        yield return Hint("as JSON", $"{server.Console}api/traces/{id}");
        yield return Hint("traces that failed", $"waybill traces --error{at}");
        yield return Hint("who sends what", $"waybill services{at}   waybill status --watch{at}");
        yield return new Line(width).Add("Break it, and look again", Paint.Strong);
        yield return Hint("payments are throttled", $"{shop} fault payment-429 on --data {shopData}");
        yield return Hint("a bad version goes out", $"{shop} fault bad-deploy on --data {shopData}");
        yield return Hint("all faults", $"{shop} fault");
        yield return new Line(width);
        yield return new Line(width).Add("Ctrl-C ends server and Shop.", Paint.Faint);
    }

    private static async Task<int> UntilInterrupted(ProgressLine progress, CancellationToken cancel)
    {
        await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        progress.Done("closing the Shop, moving the spool into the engine");
        return ExitCode.Done;
    }

    private static string Plain(Uri url) => url.ToString().TrimEnd('/');
}
