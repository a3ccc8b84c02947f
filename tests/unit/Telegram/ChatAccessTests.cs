using Orchestrator.Decisions.Telegram;
using Xunit;

namespace Orchestrator.UnitTests.Telegram;

/// <summary>Names of roles and users, and the code that pairs.</summary>
public sealed class ChatAccessTests
{
    [Theory]
    [InlineData("read", ChatRole.Read)]
    [InlineData("submit", ChatRole.Submit)]
    [InlineData("operate", ChatRole.Operate)]
    [InlineData("none", null)]
    [InlineData("Read", null)]
    [InlineData("", null)]
    public void A_role_is_known_by_its_name(string name, ChatRole? role) =>
        Assert.Equal(role, ChatAccess.RoleOf(name));

    [Theory]
    [InlineData("telegram:5", 5L)]
    [InlineData("telegram:", null)]
    [InlineData("telegram:-5", null)]
    [InlineData("telegram: 5", null)]
    [InlineData("Telegram:5", null)]
    [InlineData("local", null)]
    public void A_requester_of_ours_has_a_number(string requester, long? user) =>
        Assert.Equal(user, ChatAccess.UserOf(requester));

    [Fact]
    public void A_code_takes_ten_random_bytes_and_no_fewer()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            "random.Length",
            () => ChatAccess.CodeOf(new byte[ChatAccess.CodeLength - 1])
        );
        Assert.Equal(
            "ABZ29AB9AA",
            ChatAccess.CodeOf([0, 1, 23, 24, 31, 32, 33, 255, 64, 128, 7, 7])
        );
    }
}
