namespace Waybill.Batches;

public sealed class TraceIdTests
{
    [Theory]
    [InlineData("0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("8448eb211c80319c", "00000000000000008448eb211c80319c")]
    public void Reads_hexadecimal_of_either_case_and_pads_short_ids(string text, string expected)
    {
        Assert.True(TraceId.TryParse(text, out var id));
        Assert.Equal(expected, id.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0af7651916cd43dd8448eb211c80319")]
    [InlineData("0af7651916cd43dd8448eb211c80319g")]
    public void Refuses_what_is_not_an_id(string text) => Assert.False(TraceId.TryParse(text, out _));
}
