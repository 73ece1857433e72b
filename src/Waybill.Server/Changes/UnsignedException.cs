namespace Waybill.Changes;

/// <summary>A hook's signature or token is missing or wrong.</summary>
/// <param name="message">What to do about it; nothing of what was sent.</param>
internal sealed class UnsignedException(string header, string message) : Exception(message)
{
    public string Header { get; } = header;
}
