namespace Waybill.Doctor;

internal enum Level : byte
{
    Ok,
    Warn,
    Fail,
}

/// <summary>What a check found.</summary>
/// <param name="Fix">What to do about it; null when it is well.</param>
internal sealed record Finding(string Check, Level Level, string Text, string? Fix = null)
{
    public static Finding Ok(string check, string text) => new(check, Level.Ok, text);

    public static Finding Warn(string check, string text, string fix) => new(check, Level.Warn, text, fix);

    public static Finding Fail(string check, string text, string fix) => new(check, Level.Fail, text, fix);
}
