namespace Waybill.Engine.Host;

/// <summary>The engine cannot start; the message says what to do.</summary>
internal sealed class EngineStartException(string message, Exception? inner = null) : Exception(message, inner);
