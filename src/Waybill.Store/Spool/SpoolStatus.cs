namespace Waybill.Spool;

/// <summary>The spool at one moment, for the status page.</summary>
/// <param name="Bytes">All segments on disk.</param>
/// <param name="SegmentsWaiting">Segments not yet deleted, the one being written included.</param>
/// <param name="OldestRecordUnixNano">Receipt of the oldest record that waits, so now minus this is the lag; null when nothing waits.</param>
/// <param name="QueueBytes">Appends waiting for the disk.</param>
/// <param name="RecordsAppended">Records acknowledged since start.</param>
/// <param name="RecordsRefused">Appends refused since start, as the spool, its queue or the disk was full.</param>
/// <param name="SyncP50">Median of the last 1,024 fdatasync calls; null before the first.</param>
/// <param name="SyncP99">99th percentile of the same.</param>
/// <param name="DamagedRecords">Places, found since start, where one record or several could not be read.</param>
/// <param name="TornTails">Segments, found at start, that ended in a record whose write never finished; it was never acknowledged.</param>
/// <param name="QuarantinedFiles">Files put in quarantine since start: copies of damage, and whole files that are no segment.</param>
/// <param name="DiskFreeBytes">Free on the file system, for us.</param>
/// <param name="DiskFreeRatio">The same as a part of what is used and free.</param>
/// <param name="Refusal">Why an append would be refused now.</param>
/// <param name="LastError">The last thing that went wrong, in words; null when nothing did.</param>
public sealed record SpoolStatus(
    long Bytes, int SegmentsWaiting, long? OldestRecordUnixNano, long QueueBytes, long RecordsAppended, long RecordsRefused,
    TimeSpan? SyncP50, TimeSpan? SyncP99, long DamagedRecords, long TornTails, long QuarantinedFiles,
    long DiskFreeBytes, double DiskFreeRatio, SpoolRefusal Refusal, string? LastError);
