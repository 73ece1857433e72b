namespace Waybill.Commands;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_ends_with_a_real_trace_of_the_shop()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("waybill-demo-");
        try
        {
            Ended ended = await WaybillProgram.Run($"demo --once --data {data.FullName}", TimeSpan.FromMinutes(3));
            Assert.True(ended.ExitCode == 0, ended.Error);
            Assert.StartsWith("POST /checkout  gateway\n", ended.Output, StringComparison.Ordinal);
            foreach (string service in (string[])["orders", "inventory", "payments"]) Assert.Contains(service, ended.Output, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }
}
