namespace Waybill.Terminal;

public sealed class SparklineTests
{
    [Theory]
    [InlineData(new double[] { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, "▁▂▃▄▅▆▇█")]
    [InlineData(new double[] { 5, 5, 5 }, 8, "▁▁▁")]
    [InlineData(new double[] { 0, double.NaN, 7 }, 8, "▁ █")]
    [InlineData(new double[] { 0, 0, 9, 0, 0, 0 }, 3, "▁█▁")]   // a peak stays
    [InlineData(new double[] { }, 8, "")]
    [InlineData(new double[] { double.NaN }, 8, " ")]
    public void Shows_a_series_in_a_line(double[] values, int width, string line) => Assert.Equal(line, Sparkline.Of(values, width));
}
