using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

#pragma warning disable CA1050 // the runtime looks for this very name, outside every namespace
#pragma warning disable CA1052, CA1852

/// <summary>
/// Runs inside the silo, not inside the tests: the runtime loads this assembly into the silo's process when
/// <c>DOTNET_STARTUP_HOOKS</c> names it, before the silo's own first line. It watches SQLite's statements and ends the
/// process as SIGKILL does, before or after one chosen commit of <c>journal.db</c>. So the product holds no line that can
/// crash it. Uses nothing but the runtime: no package of this assembly is at hand in there.
/// </summary>
internal static class StartupHook
{
    private const uint StatementBegins = 1;
    private const uint StatementEnded = 2;

    private static readonly Lock Gate = new();
    private static string[] plan = [];
    private static string log = "";
    private static int commits;
    private static bool counting;
    private static string tables = "";

    // The native side holds only addresses: these keep the delegates alive.
    private static Extension? extension;
    private static Trace? trace;
    private static TraceV2? traceV2;
    private static FileName? fileName;
    private static Expanded? expanded;
    private static Text? sqlOf;
    private static Free? free;

    private delegate int Extension(nint database, nint message, nint routines);

    private delegate int Trace(uint what, nint context, nint statement, nint detail);

    private delegate int AutoExtension(nint entry);

    private delegate int TraceV2(nint database, uint mask, nint callback, nint context);

    private delegate nint FileName(nint database, nint schema);

    private delegate nint Expanded(nint statement);

    private delegate nint Text(nint statement);

    private delegate void Free(nint memory);

    /// <summary>Called by the runtime.</summary>
    public static void Initialize()
    {
        plan = (Environment.GetEnvironmentVariable("ORCHESTRATOR_TEST_CRASH") ?? "").Split(';');
        log = Environment.GetEnvironmentVariable("ORCHESTRATOR_TEST_COMMITS") ?? "";
        AppDomain.CurrentDomain.AssemblyLoad += (_, e) =>
        {
            if (e.LoadedAssembly.GetName().Name == "SQLitePCLRaw.provider.e_sqlite3")
            {
                Attach(NativeLibrary.Load("e_sqlite3", e.LoadedAssembly, null));
            }
        };
    }

    private static void Attach(nint library)
    {
        extension = OnOpened;
        trace = OnTrace;
        traceV2 = Get<TraceV2>(library, "sqlite3_trace_v2");
        fileName = Get<FileName>(library, "sqlite3_db_filename");
        expanded = Get<Expanded>(library, "sqlite3_expanded_sql");
        sqlOf = Get<Text>(library, "sqlite3_sql");
        free = Get<Free>(library, "sqlite3_free");
        Get<AutoExtension>(library, "sqlite3_auto_extension")(
            Marshal.GetFunctionPointerForDelegate(extension)
        );
    }

    private static T Get<T>(nint library, string name)
        where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    private static int OnOpened(nint database, nint message, nint routines)
    {
        var schema = Marshal.StringToCoTaskMemUTF8("main");
        var file = Marshal.PtrToStringUTF8(fileName!(database, schema)) ?? "";
        Marshal.FreeCoTaskMem(schema);
        if (file.EndsWith("journal.db", StringComparison.Ordinal))
        {
            traceV2!(
                database,
                StatementBegins | StatementEnded,
                Marshal.GetFunctionPointerForDelegate(trace!),
                0
            );
        }
        return 0;
    }

    private static int OnTrace(uint what, nint context, nint statement, nint detail)
    {
        var sql = Marshal.PtrToStringUTF8(sqlOf!(statement)) ?? "";
        lock (Gate)
        {
            if (what == StatementBegins)
            {
                Begins(sql, statement);
            }
            else if (counting && sql.StartsWith("COMMIT", StringComparison.Ordinal))
            {
                Crash("after");
                tables = "";
            }
        }
        return 0;
    }

    private static void Begins(string sql, nint statement)
    {
        if (sql.StartsWith("BEGIN", StringComparison.Ordinal))
        {
            tables = "";
        }
        else if (sql.StartsWith("INSERT INTO ", StringComparison.Ordinal))
        {
            tables += " " + sql.Split(' ')[2];
            counting |=
                plan[0] == "*"
                || (tables.EndsWith(" fact", StringComparison.Ordinal) && IsOfTask(statement));
        }
        else if (counting && sql.StartsWith("COMMIT", StringComparison.Ordinal))
        {
            commits++;
            if (log.Length > 0)
            {
                File.AppendAllText(
                    log,
                    string.Create(CultureInfo.InvariantCulture, $"{commits}{tables}\n"),
                    Encoding.ASCII
                );
            }
            Crash("before");
        }
    }

    private static bool IsOfTask(nint statement)
    {
        var text = expanded!(statement);
        var found = (Marshal.PtrToStringUTF8(text) ?? "").Contains(
            $"'{plan[0]}'",
            StringComparison.Ordinal
        );
        free!(text);
        return found;
    }

    private static void Crash(string when)
    {
        if (
            plan.Length == 3
            && plan[2] == when
            && plan[1] == commits.ToString(CultureInfo.InvariantCulture)
        )
        {
            Process.GetCurrentProcess().Kill();
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }
}
