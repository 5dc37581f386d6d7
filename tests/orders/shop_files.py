"""The files of a small shop as it would export them, and what is in the database after they were imported."""

from asgiref.sync import async_to_sync

from orders.lookup import Wanted, find_orders
from orders.models import Customer, Order, OrderLine, Shipment, ShipmentEvent, Transaction
from tests.orders.conftest import NOW, signed_in

CUSTOMERS = """customer_id,email,first_name,last_name,city,extra
c1,Ana@Example.com,Ana,Silva,Denver,ignored
c2,bo@example.com,Bo,Berg,Oslo,ignored
"""
ORDERS = """order_number,customer_email,status,placed_at,currency,total,ship_city,tracking_numbers,payment_history
#W2378156,ana@example.com,delivered,2024-11-03 14:00:00 UTC,USD,"1,234.50",Denver,443521489581;443521489582,payment credit_card_1 1234.50 2024-11-03; refund credit_card_1 34.50
#W1111111,bo@example.com,pending (item modified),2024-11-05,USD,20.00,Oslo,,
"""
ITEMS = """order_number,line,item_id,product_id,name,options,unit_price,quantity,tracking_number
#W2378156,1,i1,p1,T-Shirt,color=blue; size=M,25.00,2,443521489581
#W1111111,1,i3,p3,Mug,,20.00,1,
#W2378156,2,i2,p2,Lamp,"{""power"": ""usb""}",1184.50,1,
"""
SHIPMENTS = """order_number,tracking_number,carrier,status,shipped_at,estimated_delivery,delivered_at,tracking_url
#W2378156,443521489581,FedEx,Delivered,2024-11-04,2024-11-08,2024-11-07T10:00:00Z,https://fedex.example/443521489581
"""
EVENTS = """tracking_number,at,place,description
443521489581,2024-11-07T10:00:00Z,Denver,Delivered
443521489581,2024-11-05T10:00:00Z,Omaha,Arrived at facility
"""
ALL = {"customers": CUSTOMERS, "orders": ORDERS, "items": ITEMS, "shipments": SHIPMENTS, "events": EVENTS}


def record(number: str, email: str = "ana@example.com"):
    (found,) = async_to_sync(find_orders)(Wanted(references=(number,)), viewer=signed_in(email), at=NOW).records
    return found


def everything() -> dict:
    return {
        m.__name__: list(m.objects.order_by("pk").values())
        for m in (Customer, Order, OrderLine, Shipment, ShipmentEvent, Transaction)
    }
