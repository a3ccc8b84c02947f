using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.WindowsTests;

/// <summary>What a child was given to run with.</summary>
internal static unsafe partial class ChildToken
{
    private const uint Query = 0x8;
    private const int Privileges = 3;
    private const int Integrity = 25;
    private const uint Enabled = 0x2;

    /// <summary>Its integrity level (4096 = low, 8192 = medium) and how many privileges are enabled: <c>4096 1</c>.</summary>
    public static string Told()
    {
        Must(OpenProcessToken(GetCurrentProcess(), Query, out var token));
        var label = Read(token, Integrity);
        // The label begins with a pointer to its SID, whose last part is the level.
        uint level;
        fixed (byte* start = label)
        {
            var sid = *(byte**)start;
            level = *(uint*)(sid + 8 + (4 * (sid[1] - 1)));
        }
        var list = Read(token, Privileges);
        var enabled = 0;
        for (var i = 0; i < BitConverter.ToInt32(list, 0); i++)
        {
            enabled += (BitConverter.ToUInt32(list, 4 + (12 * i) + 8) & Enabled) != 0 ? 1 : 0;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{level} {enabled}");
    }

    private static byte[] Read(nint token, int kind)
    {
        var data = GC.AllocateArray<byte>(4096, pinned: true);
        fixed (byte* start = data)
        {
            Must(GetTokenInformation(token, kind, start, data.Length, out _));
        }
        return data;
    }

    private static void Must(int done)
    {
        if (done == 0)
        {
            throw new Win32Exception();
        }
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int OpenProcessToken(nint process, uint access, out nint token);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int GetTokenInformation(
        nint token,
        int kind,
        void* data,
        int length,
        out int needed
    );
}
