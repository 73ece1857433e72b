using System.Diagnostics;

namespace Waybill.Exceptions;

public sealed class StackFramesTests
{
    private static string Frames(string stack) => string.Join(" | ", StackFrames.Read(stack));

    [Fact]
    public void Dotnet()
    {
        const string Stack = """
            System.InvalidOperationException: Sequence 4711 contains no elements
             ---> System.Exception: inner
               at Shop.Pricing.Spread[T](List`1 lines, Int64 total) in /src/Pricing.cs:line 20
               at Shop.Pricing.<>c__DisplayClass3_0.<Total>b__1(Line line)
               at Shop.Pricing.<Load>g__Read|4_0(String path)
               at Shop.Orders.<Place>d__12`1.MoveNext()
               --- End of inner exception stack trace ---
               at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
            --- End of stack trace from previous location ---
               at Microsoft.AspNetCore.Http.RequestDelegateFactory.<ExecuteTask>g__Awaited|129_0[T](Task task)
            """;
        Assert.Equal("Shop.Pricing.Spread | Shop.Pricing.Total.lambda | Shop.Pricing.Load.Read | Shop.Orders.Place | Microsoft.AspNetCore.Http.RequestDelegateFactory.ExecuteTask.Awaited", Frames(Stack));
        Assert.Equal("Shop.Pricing.Spread", ExceptionShape.Of("System.InvalidOperationException", "", Stack).Culprit);
    }

    [Fact]
    public void Java() => Assert.Equal("com.acme.Orders.place | com.acme.Orders.lambda | com.acme.Orders$Line.total | org.springframework.web.Handler.invoke", Frames("""
        java.lang.IllegalStateException: boom
        	at com.acme.Orders.place(Orders.java:42)
        	at com.acme.Orders.lambda$place$3(Orders.java:44)
        	at com.acme.Orders$Line.total(Orders.java:50)
        	at jdk.internal.reflect.GeneratedMethodAccessor123.invoke(Unknown Source)
        	at org.springframework.web.Handler.invoke(Handler.java:9)
        Caused by: java.lang.NullPointerException
        	... 12 more
        """));

    [Fact]
    public void Javascript() => Assert.Equal("placeOrder | Router.handle | orders.js | app.js", Frames("""
        TypeError: Cannot read properties of undefined (reading 'id')
            at placeOrder (/app/src/orders.js:12:34)
            at async Router.handle [as next] (/app/src/router.js:1:2)
            at file:///app/dist/orders.js:5:6
            at https://cdn.example/static/app.8f3a2b1c9d.js:1:99999
            at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
        """));

    [Fact]
    public void Firefox() => Assert.Equal("placeOrder | main.js", Frames("placeOrder@https://shop.example/main.js:3:4\n@https://shop.example/main.js:9:1"));

    [Fact]
    public void Python_is_turned_round() => Assert.Equal("pricing.py.spread | orders.py.place", Frames("""
        Traceback (most recent call last):
          File "/app/orders.py", line 10, in place
            spread(cart)
          File "/app/pricing.py", line 4, in spread
            return total / n
        ZeroDivisionError: division by zero
        """));

    [Fact]
    public void Go() => Assert.Equal("orders.(*Service).Place | main.main", Frames("""
        goroutine 18 [running]:
        github.com/acme/shop/orders.(*Service).Place(0xc000123000, {0x7f, 0x2})
        	/src/orders/service.go:88 +0x1d
        main.main()
        	/src/main.go:12 +0x40
        """));

    [Fact]
    public void Ruby_and_PHP_and_Rust()
    {
        Assert.Equal("orders.rb.place", Frames("/app/orders.rb:12:in `place'"));
        Assert.Equal("Acme\\Orders->place", Frames("#0 /app/Orders.php(12): Acme\\Orders->place(Object(Cart), 12)\n#1 {main}"));
        Assert.Equal("shop::orders::place", Frames("   0: shop::orders::place::h0123456789abcdef\n             at ./src/orders.rs:12:5"));
    }

    [Fact]
    public void Lines_addresses_ids_and_depth_of_recursion_make_no_new_group()
    {
        ulong Group(string stack, string message = "") => ExceptionShape.Of("X", message, stack).GroupOf("s");
        string once = "   at A.B(C c) in /x/a.cs:line 1\n   at A.Main()";
        Assert.Equal(Group(once), Group("   at A.B(C c) in /build/7/a.cs:line 99\n   at A.B(C c) in /build/7/a.cs:line 99\n   at A.Main()"));
        Assert.Equal(Group(once), Group(once + "\n   at Microsoft.AspNetCore.Newer.Middleware.Invoke(HttpContext http)"));   // the platform was updated
        Assert.NotEqual(Group(once), Group("   at A.Other()\n   at A.Main()"));
        Assert.Equal(Group("", "Order 4711 of 'ada' failed at 10.0.0.1:5432"), Group("", "Order 12 of 'bob' failed at 10.0.0.2:5432"));
        Assert.NotEqual(Group("", "Order 4711 failed"), Group("", "Payment 4711 failed"));
        Assert.Equal(ExceptionShape.Of("System.DivideByZeroException", "", once).GroupOf("s"), ExceptionShape.Of("DivideByZeroException", "", once).GroupOf("s"));
        Assert.NotEqual(ExceptionShape.Of("X", "", once).GroupOf("a"), ExceptionShape.Of("X", "", once).GroupOf("b"));
    }

    public static readonly TheoryData<string> Hostile =
    [
        "", "at", "at ", "at (", "at <", "at <<<<<<<<>d__1.MoveNext()", new string('a', 1 << 20), "at " + new string('<', 900) + "(", "at " + string.Concat(Enumerable.Repeat("a[", 400)) + "()",
        string.Concat(Enumerable.Repeat("at A.B()\n", 100_000)), string.Concat(Enumerable.Repeat("\n", 1 << 20)), "#0 " + new string('(', 900), "File \"" + new string('"', 900),
        string.Concat(Enumerable.Range(0, 10_000).Select(i => $"at F{i}.G{i}()\n")), "\0\u0001\ud800 at \ud800(", "at $$Lambda$$Lambda$1/0x", "   0: ::::h", "Traceback (most recent call last)\n" + string.Concat(Enumerable.Repeat("  File \"a\", line 1, in b\n  File \"c\", line 1, in d\n", 50_000)),
    ];

    [Theory, MemberData(nameof(Hostile))]
    public void A_hostile_stack_costs_little_and_never_throws(string stack)
    {
        long began = Stopwatch.GetTimestamp(), bytes = GC.GetAllocatedBytesForCurrentThread();
        ExceptionShape shape = ExceptionShape.Of("", stack, stack);
        shape.GroupOf("s");
        Assert.True(shape.Frames.Count <= 64);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - bytes < 64 << 20);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(5));   // the bound is on lines and their length, not on this machine's mood
    }
}
