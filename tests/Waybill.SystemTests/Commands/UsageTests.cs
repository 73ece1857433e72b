namespace Waybill.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("trace")]
    [InlineData("traces")]
    [InlineData("search")]
    [InlineData("query")]
    [InlineData("logs")]
    [InlineData("metrics")]
    [InlineData("services")]
    [InlineData("status")]
    [InlineData("verdict")]
    [InlineData("send")]
    [InlineData("doctor")]
    [InlineData("engine")]
    public async Task Every_command_has_help_and_an_output(string command)
    {
        Ended ended = await WaybillProgram.Run($"{command} --help");
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("--output <json|table>", ended.Output, StringComparison.Ordinal);
        Assert.Empty(ended.Error);
    }

    [Theory]
    [InlineData("", "waybill: Required command was not provided.\nSee 'waybill --help'.\n")]
    [InlineData("trace xyz", "waybill: 'xyz' is not a trace id: 32 hexadecimal digits, or 16 for 64-bit ids. 'waybill traces' lists ids.\nSee 'waybill trace --help'.\n")]
    [InlineData("trace 0505b7508345d18099a036f9bbade707 --depth 0", "waybill: --depth is a whole number from 1 to 2147483647.\nSee 'waybill trace --help'.\n")]
    [InlineData("status --server nonsense", "waybill: --server 'nonsense' is not a URL. It looks like http://127.0.0.1:4319.\nSee 'waybill status --help'.\n")]
    [InlineData("send --endpoint x", "waybill: --endpoint 'x' is not a URL. It looks like http://127.0.0.1:4318.\nSee 'waybill send --help'.\n")]
    [InlineData("verdict orders 1 --wait-seconds -1", "waybill: --wait-seconds: 0 to 86400.\nSee 'waybill verdict --help'.\n")]
    [InlineData("status --output xml", "waybill: Argument 'xml' not recognized. Must be one of: 'json' 'table'\nSee 'waybill status --help'.\n")]
    [InlineData("search {.a==1}", "error: Equality is written with one sign.\n  {.a==1}\n     ^^\n  Write =.\n")]
    [InlineData("search {}|rate()", "waybill: This query gives series, not traces. Ask 'waybill query'.\n")]
    [InlineData("logs {severity>}", "error: Behind '>' a field or a value is missing.\n  {severity>}\n           ^\n  Expected: a field or a value.\n")]
    [InlineData("logs --limit 0", "waybill: --limit is from 1 to 100000.\nSee 'waybill logs --help'.\n")]
    [InlineData("query {}", "waybill: This query finds traces; series need a function behind it, such as | rate(). Ask 'waybill search'.\n")]
    public async Task Wrong_use_is_exit_code_2_and_says_what_is_right(string arguments, string error)
    {
        Ended ended = await WaybillProgram.Run(arguments);
        Assert.Equal((2, "", error), (ended.ExitCode, ended.Output, ended.Error));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("traces")]
    [InlineData("services")]
    [InlineData("search {}")]
    [InlineData("query {}|rate()")]
    [InlineData("logs")]
    [InlineData("metrics")]
    [InlineData("metrics m")]
    [InlineData("trace 0505b7508345d18099a036f9bbade707")]
    public async Task Without_a_server_one_line_says_how_to_start_one(string command)
    {
        Ended ended = await WaybillProgram.Run($"{command} --server http://127.0.0.1:9");
        Assert.Equal((1, "", "waybill: No server answers at http://127.0.0.1:9/. Start one with 'waybill serve', or name another with --server URL or WAYBILL_SERVER.\n"), (ended.ExitCode, ended.Output, ended.Error));
    }

    [Fact]
    public async Task Sending_to_nobody_says_where_to_send()
    {
        Ended ended = await WaybillProgram.Run("send --endpoint http://127.0.0.1:9");
        Assert.Equal((1, "waybill: No OTLP/HTTP receiver answers at http://127.0.0.1:9/. Start one with 'waybill serve', or name another with --endpoint.\n"), (ended.ExitCode, ended.Error));
    }
}
