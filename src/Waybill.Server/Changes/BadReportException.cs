namespace Waybill.Changes;

/// <summary>A report cannot be read. Nothing of its request is taken.</summary>
/// <param name="field">Where, as <c>changes[2].kind</c>.</param>
/// <param name="message">What is wrong and the fix; never what was sent.</param>
internal sealed class BadReportException(string field, string message) : Exception($"{field}: {message}")
{
    public string Field { get; } = field;
}
