using Waybill.Processes;

namespace Waybill.Web;

/// <summary>One server for the tests of what the console's door answers.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private WaybillServer? _server;

    internal WaybillServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await WaybillServer.Start();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
