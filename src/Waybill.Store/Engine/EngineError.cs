namespace Waybill.Engine;

/// <summary>ClickHouse error numbers in use, what HTTP status they travel under, and which are worth another try.</summary>
internal static class EngineError
{
    public const int BadArguments = 36;
    public const int NotImplemented = 48;
    public const int SyntaxError = 62;
    public const int ReadOnly = 164;
    public const int QueryIsTooLarge = 168;
    public const int TooManySimultaneousQueries = 202;
    public const int SocketTimeout = 209;
    public const int NetworkError = 210;

    /// <summary>Transient by nature: a timeout, a full queue, memory or network. The others fail the same way again.</summary>
    public static bool IsRetryable(int code) => code is 159 or 202 or 209 or 210 or 241 or 242 or 252 or 285 or 319;

    // HTTPHandler.cpp, exceptionCodeToHTTPStatus: 194 REQUIRED_PASSWORD; 192 UNKNOWN_USER, 193 WRONG_PASSWORD, 516 AUTHENTICATION_FAILED;
    // parse, type, syntax and argument errors; the unknown things; and the rest as below.
    public static int HttpStatus(int code) => code switch
    {
        194 => 401,
        192 or 193 or 516 => 403,
        6 or 26 or 27 or 36 or 38 or 41 or 42 or 43 or 44 or 53 or 62 or 69 or 70 or 72 or 117 or 130 or 131 or 456 or 457 => 400,
        16 or 46 or 47 or 60 or 63 or 73 or 81 or 115 => 404,
        159 => 408,
        168 => 413,
        48 => 501,
        76 or 202 or 209 => 503,
        _ => 500,
    };
}
