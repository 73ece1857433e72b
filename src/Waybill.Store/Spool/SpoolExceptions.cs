namespace Waybill.Spool;

/// <summary>Why an append is refused now. Each is temporary: the edge answers 429 or RESOURCE_EXHAUSTED and the client tries again.</summary>
public enum SpoolRefusal : byte
{
    None,
    /// <summary>Appends waiting for the disk hold <see cref="SpoolOptions.QueueBytesMax"/>: the disk is slower than the clients.</summary>
    QueueFull,
    /// <summary>Segments hold <see cref="SpoolOptions.SpoolBytesMax"/>: the engine is slower than the clients, or down.</summary>
    SpoolFull,
    /// <summary>The file system has less than <see cref="SpoolOptions.DiskFreeRatioMin"/> left, or none at all.</summary>
    DiskFull,
}

/// <summary>The record was not taken, nothing was written, a later try can succeed.</summary>
public sealed class SpoolFullException(SpoolRefusal refusal, string message, Exception? cause = null) : IOException(message, cause)
{
    public SpoolRefusal Refusal { get; } = refusal;
}

/// <summary>
/// The disk failed to write or to sync. What the failed sync covered may or may not be on disk and asking again would not tell (the kernel
/// forgets the failure after reporting it once), so the spool takes nothing more: the server must stop, and replay at its next start.
/// </summary>
public sealed class SpoolFailedException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>Another process has the spool directory.</summary>
public sealed class SpoolLockedException(string message) : IOException(message);

/// <summary>A segment was damaged after it was taken; take it again, without the damaged records.</summary>
public sealed class SpoolDamagedException(string message) : IOException(message);
