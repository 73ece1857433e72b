namespace Waybill;

/// <summary>A command cannot do what was asked, for a reason the person can mend. Becomes one line on standard error and exit code 1.</summary>
/// <param name="message">What is wrong and the fix, in one line.</param>
internal sealed class CommandFailure(string message) : Exception(message);

/// <summary>What every command ends with.</summary>
internal static class ExitCode
{
    public const int Done = 0, Failed = 1, Usage = 2;
}
