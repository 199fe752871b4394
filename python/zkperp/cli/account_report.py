"""An account of a state as lines for people: `zkperp account`, `zkperp script`."""

from collections.abc import Mapping
from typing import Any, Final

from zkperp._generated.constants import FUND_ACCOUNT, PPM
from zkperp.cli.options import usdc
from zkperp.cli.readable import time_text

__all__ = ["account_lines"]

_HEALTH: Final = {
    "healthy": "healthy",
    "below_initial": "below initial margin: it may only do what does not worsen it",
    "below_maintenance": "below maintenance margin: to be liquidated",
    "below_closeout": "below close-out margin: to be liquidated",
    "bankrupt": "bankrupt: worth less than nothing",
}


def account_lines(account: Mapping[str, Any]) -> list[str]:
    """Return what an account is worth and needs, its positions, orders and sub-accounts.

    Args:
        account: as `_native.batch_account` has it.
    """
    held = {position["market"] for position in account["positions"]}
    return [
        f"account {account['account']} of {account['owner']}, {_mode(account)}",
        f"cash {usdc(account['cash'])}, with positions {usdc(account['value'])}, "
        f"free {usdc(account['free'])}",
        f"margin: initial {usdc(account['initial_margin'])}, maintenance "
        f"{usdc(account['maintenance_margin'])}, close-out {usdc(account['closeout_margin'])}",
        f"health: {_HEALTH[account['health']]}, {usdc(account['slack'])} above maintenance",
        *(line for position in account["positions"] for line in _position(position)),
        *(
            f"market {own['market']}: leverage {_leverage(own['imf_ppm'])} at most, by choice"
            for own in account["leverage"]
            if own["market"] not in held
        ),
        *map(_order, account["orders"]),
        *map(_conditional, account["conditionals"]),
        *_dead(account),
        *(
            f"sub-account {sub['account']}: {_isolation(sub['isolated_market'])}, worth "
            f"{usdc(sub['value'])}, {sub['health'].replace('_', ' ')}"
            for sub in account["sub_accounts"]
        ),
    ]


def _order(order: Mapping[str, Any]) -> str:
    named = "" if order["client_id"] is None else f", client id {order['client_id']}"
    kind = "" if order["type"] == "gtt" else f", {order['type']}"
    reduces = ", reduce-only" if order["reduce_only"] else ""
    return (
        f"order {order['order_id']}{named}: {order['side']} {order['lots']} lots at "
        f"{order['price_ticks']} ticks in market {order['market']}{kind}{reduces}"
    )


def _conditional(order: Mapping[str, Any]) -> str:
    lots = "its position" if order["lots"] is None else f"{order['lots']} lots"
    reduces = ", reduce-only" if order["reduce_only"] else ""
    side = "above" if order["direction"] == "rising" else "below"
    pair = "" if order["partner"] is None else f", partner of order {order['partner']}"
    return (
        f"order {order['order_id']} waits for mark {order['trigger_ticks']} or {side}: "
        f"{order['side']} {lots} at {order['price_ticks']} ticks in market {order['market']}, "
        f"{order['type']}{reduces}{pair}"
    )


def _dead(account: Mapping[str, Any]) -> list[str]:
    """Return what ends orders, or has ended them."""
    lines = []
    if account["deadline_ms"] is not None:
        lines.append(f"dead man's switch: its orders die at {time_text(account['deadline_ms'])}")
    if account["dead_orders"]:
        lines.append(f"dead orders that still stand in the book: {account['dead_orders']}")
    if account["dead_conditionals"]:
        lines.append(f"dead orders that still wait for the mark: {account['dead_conditionals']}")
    return lines


def _mode(account: Mapping[str, Any]) -> str:
    shown = _isolation(account["isolated_market"])
    master = account["master"]
    if account["account"] == FUND_ACCOUNT:
        return f"{shown}, the insurance fund"
    return shown if master is None else f"{shown}, sub-account of account {master}"


def _isolation(market: int | None) -> str:
    return "cross" if market is None else f"isolated in market {market}"


def _position(position: Mapping[str, Any]) -> list[str]:
    chosen = " by choice" if position["own_imf_ppm"] == position["imf_ppm"] else ""
    return [
        f"market {position['market']}: {position['lots']:+} lots, worth "
        f"{usdc(position['value'])} at mark {position['mark_ticks']}, tier {position['tier']}, "
        f"leverage {_leverage(position['imf_ppm'])} at most{chosen}",
        f"  owes {usdc(position['funding_due'])} of funding; margin: initial "
        f"{usdc(position['initial_margin'])}, maintenance "
        f"{usdc(position['maintenance_margin'])}, close-out {usdc(position['closeout_margin'])}",
        f"  liquidation: {_liquidation(position)}",
    ]


def _liquidation(position: Mapping[str, Any]) -> str:
    """Return where the mark takes the account's maintenance margin, all else as it is."""
    ticks, distance_ppm = position["liquidation_ticks"], position["liquidation_distance_ppm"]
    if ticks is None:
        return "at no mark"
    side = "below" if position["lots"] > 0 else "above"
    return f"{side} mark {ticks}, {distance_ppm:+} ppm from here"


def _leverage(imf_ppm: int) -> str:
    """Return the leverage that an initial margin fraction allows, rounded down to hundredths."""
    hundredths = 100 * PPM // imf_ppm
    return f"{hundredths // 100}.{hundredths % 100:02}x"
