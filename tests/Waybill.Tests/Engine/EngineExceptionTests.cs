namespace Waybill.Engine;

public sealed class EngineExceptionTests
{
    [Theory]
    [InlineData("Code: 60. DB::Exception: Table default.x does not exist. (UNKNOWN_TABLE) (version 26.7.2.1)", 60, "UNKNOWN_TABLE", "Table default.x does not exist.")]
    [InlineData("Code: 60. DB::Exception: Table default.x does not exist. (UNKNOWN_TABLE) (version 25.8.1.1 (official build))\n", 60, "UNKNOWN_TABLE", "Table default.x does not exist.")]
    [InlineData("Code: 36. DB::Exception: a (b) (c)\nd. (BAD_ARGUMENTS)", 36, "BAD_ARGUMENTS", "a (b) (c)\nd.")]
    [InlineData("Code: 1001. DB::Exception: std::exception", 1001, "UNKNOWN_EXCEPTION", "std::exception")]
    [InlineData("<html>502 Bad Gateway</html>", 0, "UNKNOWN_EXCEPTION", "<html>502 Bad Gateway</html>")]
    [InlineData("", 0, "UNKNOWN_EXCEPTION", "")]
    public void Reads_the_engines_words(string text, int code, string name, string message)
    {
        var error = EngineException.Parse(text);
        Assert.Equal((code, name, message), (error.Code, error.Name, error.Message));
    }

    [Theory]
    [InlineData(241, "Memory limit exceeded", true)]
    [InlineData(202, "Too many", true)]
    [InlineData(252, "Too many parts (3000) in all partitions", true)]
    [InlineData(252, "Too many partitions for single INSERT block (more than 16).", false)]
    [InlineData(60, "no table", false)]
    [InlineData(0, "nonsense", false)]
    public void Says_whether_another_try_may_succeed(int code, string message, bool retryable) => Assert.Equal(retryable, new EngineException(code, "X", message).IsRetryable);

    [Theory]
    [InlineData(62, 400)]
    [InlineData(60, 404)]
    [InlineData(159, 408)]
    [InlineData(168, 413)]
    [InlineData(48, 501)]
    [InlineData(202, 503)]
    [InlineData(241, 500)]
    [InlineData(516, 403)]
    [InlineData(194, 401)]
    public void Travels_under_ClickHouses_status(int code, int status) => Assert.Equal(status, EngineError.HttpStatus(code));
}
